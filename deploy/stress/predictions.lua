-- One flight a request, another with each:
--   wrk -t1 -c64 -d10s -s deploy/stress/predictions.lua http://127.0.0.1:8000/v1/predictions -- flights.csv
-- The file is a CSV of flights (deploy/stress/flights.py writes one), or, where its name ends in .jsonl, holds whole
-- bodies, one a line. The last line of the output is JSON.

local EACH = flights_per_request or 1
local HEADERS = {["content-type"] = "application/json"}
local requests, sent = {}, 0

local function fail(message)
  io.stderr:write("wrk: ", message, "\n")
  os.exit(2)
end

local function cells(line)
  local found = {}
  for cell in (line:gsub("\r$", "") .. ","):gmatch("([^,]*),") do found[#found + 1] = cell end
  return found
end

local function flight(names, line)
  local fields = {}
  for index, cell in ipairs(cells(line)) do
    if cell ~= "" then fields[#fields + 1] = string.format('"%s":"%s"', names[index], cell) end
  end
  return "{" .. table.concat(fields, ",") .. "}"
end

local function read_flights(lines)
  local names, flights = cells(lines() or ""), {}
  for line in lines do flights[#flights + 1] = flight(names, line) end
  if #flights == 0 then fail("no flights in the file") end
  local bodies = {}
  for start = 0, math.max(#flights - EACH, 0), EACH do
    local chosen = {}
    for offset = 0, EACH - 1 do chosen[offset + 1] = flights[(start + offset) % #flights + 1] end
    bodies[#bodies + 1] = '{"flights":[' .. table.concat(chosen, ",") .. "]}"
  end
  return bodies
end

local function read_bodies(lines)
  local bodies = {}
  for line in lines do bodies[#bodies + 1] = line end
  return bodies
end

function init(arguments)
  local path = arguments[1]
  if path == nil then fail("no file of flights; wanted: ... URL -- flights.csv") end
  local file = io.open(path)
  if file == nil then fail(path .. " cannot be read") end
  local read = path:match("%.jsonl$") and read_bodies or read_flights
  for index, body in ipairs(read(file:lines())) do
    requests[index] = wrk.format("POST", nil, HEADERS, body)
  end
  file:close()
end

function request()
  sent = sent % #requests + 1
  return requests[sent]
end

function done(summary, latency)
  local seconds, errors = summary.duration / 1e6, summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.3f, "flights_per_s": %.1f, "p50_ms": %.2f, "p99_ms": %.2f, "errors": %d}\n',
    summary.requests, seconds, summary.requests * EACH / seconds,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
