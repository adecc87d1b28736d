import Access
import Testing

@Suite("ListenerRole")
struct ListenerRoleTests {
    @Test(
        "the internal port serves what is for operators, the public port the rest, the only port both",
        arguments: [
            (["metrics"], true), (["health", "live"], true), (["health"], true), (["health", "x", "y"], true),
            (["api", "v1", "nodes"], true), ([], false), (["metrics", ""], false), (["metrics", "x"], false),
            (["api", "v1"], false), (["api", "v1", "nodes", "x"], false), (["api", "v1", "online"], false),
            (["ws"], false), (["Metrics"], false),
        ])
    func serves(_ path: [String], _ isForOperators: Bool) {
        #expect(ListenerRole.everything.serves(path))
        #expect(ListenerRole.operators.serves(path) == isForOperators)
        #expect(ListenerRole.clients.serves(path) != isForOperators)
    }
}
