// Which airline flew where among the flights that the model learned from, and at what hours.

/**
 * @param routes of GET /v1/routes
 * @param model of GET /v1/model; a question without an origin is of its only one
 */
export function createRoutes(routes, { origins }) {
  const flights = new Map();
  const count = (key, added) => flights.set(key, (flights.get(key) ?? 0) + added);
  const keyOf = (airline, origin, destination) => [airline, origin, destination].join();
  for (const { airline, origin, destination, flights: flown } of routes) {
    const of = [[], [airline, origin, destination], ["", origin, destination], [airline], ["", origin], ["", "", destination]];
    for (const key of of) count(keyOf(...key), flown);
  }
  const flightsOf = ({ airline = "", origin = "", destination = "" }) => flights.get(keyOf(airline, origin, destination)) ?? 0;
  const whole = (question) => ({ ...question, origin: question.origin || (origins.length === 1 ? origins[0].code : "") });

  return {
    all: routes,
    /** How many flights there were of an airline, from or to an airport, on a route, or of an airline on one. */
    flightsOf,
    /** Those on the route of a question, the airline with the most flights first. */
    onRoute(question) {
      const { origin, destination } = whole(question);
      return routes.filter((one) => one.origin === origin && one.destination === destination);
    },
    /** What was never flown: "route", "airline_route", or "" if it was, or if the question names what the model does not know. */
    neverFlown(question) {
      const { airline, origin, destination } = whole(question);
      if (![{ airline }, { origin }, { destination }].every(flightsOf)) return "";
      if (!flightsOf({ origin, destination })) return "route";
      return flightsOf({ airline, origin, destination }) ? "" : "airline_route";
    },
  };
}
