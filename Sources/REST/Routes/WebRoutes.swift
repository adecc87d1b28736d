import HTTP
import Web
import WebSocket

/// Files for browsers, and answers at the paths of WebSockets for other requests.
enum WebRoutes {
    static var routes: [Route] {
        let files = WebFile.all.sorted { $0.key < $1.key }
        let pages = files.filter { $0.value.isPage }
        return files.map(row) + pages.map { redirect(to: $0.key) } + ["/ws", "/api/v1/ws"].map(webSocket)
    }

    private static func row(path: String, file: WebFile) -> Route {
        Route(.get, path, open: { request in file.response(to: request.head.headers) })
    }

    private static func webSocket(at path: String) -> Route {
        Route(nil, path, port: .both, open: { request throws(Refusal) in throw expected(request) })
    }

    /// A page's files are beside it, so its path has no trailing slash.
    private static func redirect(to page: String) -> Route {
        let name = page.split(separator: "/").last ?? ""
        return Route(.get, page + "/", open: { _ in Response(status: 308, headers: ["Location": "../\(name)"]) })
    }

    /// The refusal of a request at a WebSocket's path that is no handshake.
    private static func expected(_ request: Request) -> Refusal {
        Refusal(
            426, .badRequest, "this path accepts WebSocket handshakes only",
            headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"])
    }
}
