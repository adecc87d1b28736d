import Testing

@testable import REST

@Suite("NodeCondition")
struct NodeConditionTests {
    @Test(
        "a node is ready when each of its loops is; of several reasons the one that explains the others is given",
        arguments: [
            ([LoopCondition(), LoopCondition()], nil),
            ([LoopCondition(), nil], .starting),
            ([LoopCondition(isRegistered: false), LoopCondition(isListening: false)], .redisPubsub),
            ([LoopCondition(), LoopCondition(absentShards: ["a:1"])], .redisShard),
        ] as [([LoopCondition?], Unreadiness?)])
    func unreadiness(_ loops: [LoopCondition?], _ expected: Unreadiness?) {
        #expect(NodeCondition(loops).unreadiness == expected)
    }

    @Test("what any loop cannot reach is named once")
    func shards() {
        let loops = [["b:1", "a:1"], [], ["b:1"]].map { LoopCondition(absentShards: $0) }
        #expect(NodeCondition(loops).absentShards == ["a:1", "b:1"])
        #expect(NodeCondition.draining.absentShards == [])
    }
}
