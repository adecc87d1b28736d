import Access
import HTTP

/// Every row of REST. Decides which row a path and a method select, also 404, 405 and `Allow`.
package struct RouteTable {
    /// The result for a request.
    enum Finding {
        /// A row, and the segments for the names in its pattern.
        case route(Route, values: [String: String])
        /// The path takes other methods, those of `rows`.
        case otherMethods(rows: [Route])
        /// Another port of this node serves the path.
        case otherPort
        /// No row has this path.
        case nothing
    }

    /// The rows in the order of the search.
    let routes: [Route]
    /// The rows by their number of segments.
    private let byCount: [Int: [Route]]

    init(_ routes: [Route]) {
        self.routes = routes
        byCount = Dictionary(grouping: routes, by: \.pattern.count)
    }

    /// Finds the row for a request over a port of this `role`.
    func find(_ head: RequestHead, at role: ListenerRole) -> Finding {
        let rows = (byCount[head.segments.count] ?? []).compactMap { route in
            route.pattern.values(in: head.segments).map { (route: route, values: $0) }
        }
        guard !rows.isEmpty else { return .nothing }
        let served = rows.filter { role.serves($0.route.port) }
        guard !served.isEmpty else { return .otherPort }
        guard let found = served.first(where: { $0.route.takes(head) }) else {
            return .otherMethods(rows: served.map(\.route))
        }
        return .route(found.route, values: found.values)
    }
}

extension [Route] {
    /// The methods of these rows, each once, for `Allow`.
    var allowed: String {
        var words: [String] = []
        for word in flatMap({ $0.method?.words ?? [] }) where !words.contains(word) { words.append(word) }
        return words.joined(separator: ", ")
    }
}
