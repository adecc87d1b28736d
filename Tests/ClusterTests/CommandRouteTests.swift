import RESP
import Testing

@testable import Cluster

@Suite("A command's way through a cluster")
struct CommandRouteTests {
    private static let known = Address.tcp(host: "known", port: 1)
    private static let stranger = Address.tcp(host: "stranger", port: 1)
    private static let movedHome = Redirection.moved(slot(5), to: known)

    private static func step(
        _ route: inout CommandRoute, _ redirection: Redirection, at now: UInt64 = 0
    ) -> CommandRoute.Step {
        route.receive(redirection, at: now) { $0 == known }
    }

    /// What has happened to the command before.
    enum Past: CaseIterable {
        case nothing, oneHop, allHops, oneWait, hopsAndWait, downIsOver, openIsOver

        fileprivate var route: (CommandRoute, now: UInt64) {
            var route = CommandRoute(at: 0)
            func hop() { _ = step(&route, movedHome) }
            switch self {
            case .nothing: break
            case .oneHop: hop()
            case .allHops: for _ in 0..<5 { hop() }
            case .oneWait: _ = step(&route, .tryAgain)
            case .hopsAndWait:
                for _ in 0..<5 { hop() }
                _ = step(&route, .tryAgain)
            case .downIsOver: return (route, 1_000)
            case .openIsOver: return (route, 5_000)
            }
            return (route, 0)
        }
    }

    @Test(
        "goes on, waits or ends by what it is told, whatever came before",
        arguments: [
            (.nothing, movedHome, .home), (.oneHop, movedHome, .home), (.allHops, movedHome, .giveUp),
            (.oneWait, movedHome, .home), (.hopsAndWait, movedHome, .home), (.downIsOver, movedHome, .home),
            (.openIsOver, movedHome, .home),
            (.nothing, .moved(slot(5), to: stranger), .map), (.oneHop, .moved(slot(5), to: stranger), .map),
            (.allHops, .moved(slot(5), to: stranger), .giveUp), (.oneWait, .moved(slot(5), to: stranger), .map),
            (.hopsAndWait, .moved(slot(5), to: stranger), .map), (.downIsOver, .moved(slot(5), to: stranger), .map),
            (.openIsOver, .moved(slot(5), to: stranger), .map),
            (.nothing, .moved(slot(5), to: nil), .map), (.oneHop, .moved(slot(5), to: nil), .map),
            (.allHops, .moved(slot(5), to: nil), .giveUp), (.oneWait, .moved(slot(5), to: nil), .map),
            (.hopsAndWait, .moved(slot(5), to: nil), .map), (.downIsOver, .moved(slot(5), to: nil), .map),
            (.openIsOver, .moved(slot(5), to: nil), .map),
            (.nothing, .ask(slot(5), at: stranger), .ask(stranger)), (.oneHop, .ask(slot(5), at: known), .ask(known)),
            (.allHops, .ask(slot(5), at: stranger), .giveUp), (.oneWait, .ask(slot(5), at: stranger), .ask(stranger)),
            (.hopsAndWait, .ask(slot(5), at: stranger), .ask(stranger)),
            (.downIsOver, .ask(slot(5), at: stranger), .ask(stranger)),
            (.openIsOver, .ask(slot(5), at: stranger), .ask(stranger)),
            (.nothing, .ask(slot(5), at: nil), .wait(milliseconds: 20)),
            (.oneHop, .ask(slot(5), at: nil), .wait(milliseconds: 20)),
            (.allHops, .ask(slot(5), at: nil), .wait(milliseconds: 20)),
            (.oneWait, .ask(slot(5), at: nil), .wait(milliseconds: 40)),
            (.hopsAndWait, .ask(slot(5), at: nil), .wait(milliseconds: 40)),
            (.downIsOver, .ask(slot(5), at: nil), .wait(milliseconds: 20)),
            (.openIsOver, .ask(slot(5), at: nil), .giveUp),
            (.nothing, .tryAgain, .wait(milliseconds: 20)), (.oneHop, .tryAgain, .wait(milliseconds: 20)),
            (.allHops, .tryAgain, .wait(milliseconds: 20)), (.oneWait, .tryAgain, .wait(milliseconds: 40)),
            (.hopsAndWait, .tryAgain, .wait(milliseconds: 40)), (.downIsOver, .tryAgain, .wait(milliseconds: 20)),
            (.openIsOver, .tryAgain, .giveUp),
            (.nothing, .down, .wait(milliseconds: 100)), (.oneHop, .down, .wait(milliseconds: 100)),
            (.allHops, .down, .wait(milliseconds: 100)), (.oneWait, .down, .wait(milliseconds: 200)),
            (.hopsAndWait, .down, .wait(milliseconds: 200)), (.downIsOver, .down, .giveUp),
            (.openIsOver, .down, .giveUp),
            (.nothing, .notServing, .wait(milliseconds: 100)), (.oneHop, .notServing, .wait(milliseconds: 100)),
            (.allHops, .notServing, .wait(milliseconds: 100)), (.oneWait, .notServing, .wait(milliseconds: 200)),
            (.hopsAndWait, .notServing, .wait(milliseconds: 200)), (.downIsOver, .notServing, .giveUp),
            (.openIsOver, .notServing, .giveUp),
            (.nothing, .crossSlot, .giveUp), (.oneHop, .crossSlot, .giveUp), (.allHops, .crossSlot, .giveUp),
            (.oneWait, .crossSlot, .giveUp), (.hopsAndWait, .crossSlot, .giveUp), (.downIsOver, .crossSlot, .giveUp),
            (.openIsOver, .crossSlot, .giveUp),
        ] as [(Past, Redirection, CommandRoute.Step)])
    func steps(past: Past, redirection: Redirection, step: CommandRoute.Step) {
        var (route, now) = past.route
        #expect(Self.step(&route, redirection, at: now) == step)
    }

    @Test("waits twice as long each time, and not beyond its end")
    func waits() {
        for (redirection, expected) in [
            (.tryAgain, [20, 40, 80, 160, 320, 500, 500, 500, 500, 500, 500, 500, 500, 380]),
            (.down, [100, 200, 400, 300]),
        ] as [(Redirection, [UInt64])] {
            var (route, now, waits) = (CommandRoute(at: 7), UInt64(7), [UInt64]())
            while case .wait(let milliseconds) = Self.step(&route, redirection, at: now) {
                waits.append(milliseconds)
                now += milliseconds
            }
            #expect(waits == expected)
        }
    }

    @Test("is sent on without a pause five times between two waits")
    func hops() {
        var route = CommandRoute(at: 0)
        for _ in 0..<3 {
            for _ in 0..<5 { #expect(Self.step(&route, Self.movedHome) == .home) }
            guard case .wait = Self.step(&route, .tryAgain) else { return #expect(Bool(false)) }
        }
    }

    @Test(
        "doubts the map where a master is not where it was",
        arguments: [
            (movedHome, true), (.down, true), (.notServing, true), (.ask(slot(1), at: known), false),
            (.tryAgain, false),
            (.crossSlot, false),
        ] as [(Redirection, Bool)])
    func doubts(redirection: Redirection, doubts: Bool) {
        #expect(redirection.doubtsMap == doubts)
    }
}
