import RESP
import Redis
import Testing

@testable import Standing

@Suite("What several masters answer")
struct StandingAnswersTests {
    private static let full = RedisReplyError(line: "OOM no room")
    private static let fine = Result<[String], RedisError>.success([])
    private static let away = Result<[String], RedisError>.failure(.notReady)

    @Test(
        "is one answer",
        arguments: [
            ([fine], .answered(missing: [])), ([away], .unanswered), ([.failure(.reply(full))], .refused(full)),
            ([.success(["GET"])], .answered(missing: ["GET"])), ([fine, fine], .answered(missing: [])),
            ([fine, away], .unanswered), ([away, .success(["GET"])], .answered(missing: ["GET"])),
            ([.failure(.reply(full)), .success(["GET"]), away], .refused(full)),
            ([.success(["GET", "SET"]), .success(["SET", "DEL"])], .answered(missing: ["GET", "SET", "DEL"])),
        ] as [([Result<[String], RedisError>], RedisStanding.Event)])
    func one(answers: [Result<[String], RedisError>], event: RedisStanding.Event) {
        var together = StandingAnswers(awaited: answers.count, isCluster: false)
        for answer in answers.dropLast() { #expect(together.add(answer) == nil) }
        #expect(together.add(answers.last!) == event)
    }

    @Test("is none where a master of a cluster is a replica now, and a refusal where the one Redis is")
    func demoted() {
        let replica = RedisReplyError(line: "READONLY a replica")
        for (isCluster, answer, event) in [
            (true, replica, .unanswered), (false, replica, .refused(replica)), (true, Self.full, .refused(Self.full)),
        ] as [(Bool, RedisReplyError, RedisStanding.Event)] {
            var together = StandingAnswers(awaited: 2, isCluster: isCluster)
            #expect(together.add(.failure(.reply(answer))) == nil && together.add(Self.fine) == event)
        }
    }
}
