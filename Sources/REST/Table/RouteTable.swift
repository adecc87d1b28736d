import Access
import HTTP

/// Every row of REST. What a path and a method lead to comes from here, also 404, 405 and `Allow`.
package struct RouteTable {
    /// What the table has for a request.
    enum Finding {
        /// A row, and what stands for the names in its pattern.
        case route(Route, values: [String: String])
        /// The path takes other methods, those of `rows`.
        case otherMethods(rows: [Route])
        /// Another port of this node serves the path.
        case otherPort
        /// No row has this path.
        case nothing
    }

    /// The rows in the order in which they are looked at.
    let routes: [Route]
    /// The same by the number of their segments.
    private let byCount: [Int: [Route]]

    init(_ routes: [Route]) {
        self.routes = routes
        byCount = Dictionary(grouping: routes, by: \.pattern.count)
    }

    /// Looks for the row that answers a request that came by a port of this `role`.
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
    /// The methods of these rows, each once, as `Allow` lists them.
    var allowed: String {
        var words: [String] = []
        for word in flatMap({ $0.method?.words ?? [] }) where !words.contains(word) { words.append(word) }
        return words.joined(separator: ", ")
    }
}
