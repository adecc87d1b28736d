import Testing

@testable import Starting

@Suite("Who has the port")
struct PortHolderTests {
    @Test(
        "a node is known by what it answers without a login",
        arguments: [
            (503, #"{"error":{"code":"DRAINING","message":"this node is stopping"}}"#, .drainingNode),
            (401, #"{"error":{"code":"UNAUTHORIZED","message":"expected a token"}}"#, .node),
            (503, "busy", .other), (401, "", .other), (200, #"{"error":{"code":"DRAINING"}}"#, .other),
            (404, "", .other),
            (503, #"{"error":{"code":"UNAVAILABLE"}}"#, .other),
        ] as [(Int, String, PortHolder)])
    func answers(_ status: Int, _ body: String, _ holder: PortHolder) {
        #expect(PortHolder(status: status, body: Array(body.utf8)) == holder)
    }

    @Test(
        "every host where somebody may listen can be asked",
        arguments: [
            ("::", ["127.0.0.1", "[::1]"]), ("0.0.0.0", ["127.0.0.1"]), ("127.0.0.2", ["127.0.0.2"]),
            ("::1", ["[::1]"]),
            ("node.example", ["node.example"]),
        ] as [(String, [String])])
    func hosts(_ host: String, _ reached: [String]) { #expect(PortHolder.reached(host) == reached) }
}
