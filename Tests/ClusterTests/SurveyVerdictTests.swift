import RESP
import Testing

@testable import Cluster

@Suite("What a survey of a cluster finds")
struct SurveyVerdictTests {
    private static let place = Address.tcp(host: "seed", port: 7000)

    private func map(_ ranges: [RedisValue]) throws -> SlotMap { try SlotMap(.array(ranges), askedAt: Self.place) }

    @Test("is a map without masters only where every server says so")
    func end() throws {
        let empty = try map([])
        for (answers, end) in [
            ([], .unanswered), ([false], .unanswered), ([true], .empty(empty)), ([true, true], .empty(empty)),
            ([true, false], .slotless), ([false, true], .slotless),
        ] as [([Bool], SurveyVerdict.End)] {
            var verdict = SurveyVerdict()
            for answer in answers {
                guard answer else {
                    verdict.receiveNothing()
                    continue
                }
                let isOver = verdict.receive(empty)
                #expect(!isOver)
            }
            #expect(verdict.end == end)
        }
    }

    @Test("is the first map with masters")
    func masters() throws {
        var verdict = SurveyVerdict()
        let server = RedisValue.array([.bulk(Array("a".utf8)), .integer(1)])
        #expect(try verdict.receive(map([.array([.integer(0), .integer(1), server])])))
        #expect(try !verdict.receive(map([.array([.integer(0), .integer(1)])])), "masters without an address")
    }
}
