import RESP
import Testing

@testable import Cluster

@Suite("The order in which servers are asked for the map")
struct SurveyOrderTests {
    private static let moved = Redirection.moved(slot(1), to: nil)

    private static func server(_ name: Character) -> Address { .tcp(host: String(name), port: 1) }

    /// The order of the servers `a`, `b` and `c`, asked as `abca`, after these redirections.
    private func order(_ redirections: [(Redirection, Character)]) -> String {
        var order = SurveyOrder()
        for (redirection, name) in redirections { order.receive(redirection, from: Self.server(name)) }
        return names(&order)
    }

    private func names(_ order: inout SurveyOrder) -> String {
        order.take("abca".map(Self.server)).map { String("\($0)".first!) }.joined()
    }

    @Test(
        "begins with the one that knew better, and ends with those that serve nothing",
        arguments: [
            ([], "abc"), ([(moved, "b")], "bac"), ([(moved, "b"), (moved, "c")], "cab"), ([(moved, "x")], "abc"),
            ([(.down, "a")], "bca"), ([(.notServing, "b")], "acb"), ([(.down, "a"), (.down, "b")], "cab"),
            ([(.down, "a"), (.down, "b"), (.down, "a")], "cba"), ([(.down, "a"), (moved, "a")], "abc"),
            ([(.down, "b"), (moved, "c")], "cab"), ([(moved, "b"), (.down, "b")], "acb"),
            ([(.down, "a"), (.down, "b"), (.down, "c")], "abc"), ([(.down, "x")], "abc"),
            ([(.tryAgain, "c"), (.crossSlot, "c"), (.ask(slot(1), at: nil), "c")], "abc"),
        ] as [([(Redirection, Character)], String)])
    func orders(redirections: [(Redirection, Character)], names: String) {
        #expect(order(redirections) == names)
    }

    @Test("forgets who knew better, and remembers who served nothing")
    func twice() {
        var order = SurveyOrder()
        order.receive(.down, from: Self.server("a"))
        order.receive(Self.moved, from: Self.server("c"))
        #expect(names(&order) == "cba" && names(&order) == "bca")
    }
}
