import RESP
import Standing
import Testing

@testable import REST

@Suite("LoopCondition")
struct LoopConditionTests {
    private static let full = RedisStanding.Trouble.refusesWrites(RedisReplyError(line: "OOM command not allowed"))

    @Test(
        "each thing that a loop lacks makes it unready, and says so",
        arguments: [
            (LoopCondition(), nil),
            (LoopCondition(isDraining: true), .draining),
            (LoopCondition(isRefused: true), .redisRefused),
            (LoopCondition(trouble: full), .redisRefusesWrites),
            (LoopCondition(trouble: .lacksRights(["SUBSCRIBE"])), .redisRights),
            (LoopCondition(takesCommands: false), .redisCommands),
            (LoopCondition(absentShards: ["redis:6379"]), .redisShard),
            (LoopCondition(isListening: false), .redisPubsub),
            (LoopCondition(isHeard: false), .redisPubsub),
            (LoopCondition(isProbeFailing: true), .redisDelivery),
            (LoopCondition(isRegistered: false), .presence),
        ] as [(LoopCondition, Unreadiness?)])
    func each(_ condition: LoopCondition, _ expected: Unreadiness?) { #expect(condition.unreadiness == expected) }

    @Test("of several reasons the one that explains the others is given")
    func order() {
        var all = LoopCondition(
            isDraining: true, isRefused: true, trouble: Self.full, takesCommands: false,
            absentShards: ["redis:6379"],
            isListening: false, isHeard: false, isProbeFailing: true, isRegistered: false)
        var said: [Unreadiness?] = []
        for mend in Self.mends {
            said.append(all.unreadiness)
            mend(&all)
        }
        said.append(all.unreadiness)
        #expect(
            said == [
                .draining, .redisRefused, .redisRefusesWrites, .redisCommands, .redisShard, .redisPubsub,
                .redisDelivery, .redisPubsub, .presence, nil,
            ])
    }

    private static let mends: [@Sendable (inout LoopCondition) -> Void] = [
        { $0.isDraining = false }, { $0.isRefused = false }, { $0.trouble = nil }, { $0.takesCommands = true },
        { $0.absentShards = [] },
        { $0.isListening = true }, { $0.isProbeFailing = false }, { $0.isHeard = true }, { $0.isRegistered = true },
    ]
}
