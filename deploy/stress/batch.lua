-- 1,000 flights a request:
--   wrk -t1 -c8 -d10s -s deploy/stress/batch.lua http://127.0.0.1:8000/v1/predictions -- flights.csv

flights_per_request = 1000
dofile(debug.getinfo(1, "S").source:match("^@(.*)batch%.lua$") .. "predictions.lua")
