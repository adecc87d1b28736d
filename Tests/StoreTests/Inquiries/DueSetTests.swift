import RedisFixture
import Testing

@testable import Store

/// The times at which channels are due, on a real Redis, and who may drop one.
@Suite("Due sets", .timeLimit(.minutes(1)))
struct DueSetTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let due = DueSet.inquiries(.standard)

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
    }

    private func enter(_ channel: String, _ milliseconds: Int = 0) {
        #expect(redis.run(EnterDueScript(channel, milliseconds: milliseconds, in: due)) != nil)
    }

    private func take(_ most: Int = 16) -> [TakeDueScript.Taken] {
        redis.run(TakeDueScript(due, most: most, milliseconds: 15_000)) ?? []
    }

    private func drop(_ taken: TakeDueScript.Taken) -> Bool? {
        redis.run(DropDueScript(taken.channel, due: taken.due, in: due))
    }

    private func score(_ channel: String) -> Int? { redis.call("ZSCORE", due.key, channel).int }

    @Test("due channels are taken once, postponed, and no more than requested")
    func taking() throws {
        for number in 0..<5 { enter("task:\(number)") }
        enter("task:later", 60_000)
        let first = take(3)
        let second = take(3)
        #expect(Set((first + second).map(\.channel)) == Set((0..<5).map { "task:\($0)" }))
        #expect(first.count == 3 && second.count == 2 && take().isEmpty)
        for taken in first + second {
            #expect(score(taken.channel) == Int(taken.due))
            #expect((14_000...15_000).contains(Int(taken.due) - redis.milliseconds))
        }
        let left = try #require(score("task:later")) - redis.milliseconds
        #expect((59_000...60_000).contains(left))
    }

    @Test("a channel that is added again stays due when it was")
    func enteredAgain() throws {
        enter("task:t", 5_000)
        let before = try #require(score("task:t"))
        enter("task:t", 90_000)
        #expect(score("task:t") == before + 1)
    }

    @Test("a finished channel is dropped, unless it was added anew or postponed since it was read")
    func dropping() throws {
        enter("task:t")
        #expect(drop(take()[0]) == true && score("task:t") == nil)
        enter("task:t")
        let taken = take()[0]
        enter("task:t", 30_000)
        #expect(drop(taken) == false && score("task:t") == Int(taken.due) + 1)
        let delayed = try #require(redis.run(DelayDueScript("task:t", milliseconds: 30_000, in: due)))
        #expect(score("task:t") == Int(delayed) && drop(taken) == false)
        #expect(drop(TakeDueScript.Taken(channel: "task:t", due: delayed)) == true)
        #expect(drop(taken) == false)
    }
}
