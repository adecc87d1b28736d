import Events
import HTTPClient
import Settings
import JSON
import Store
import Testing

@testable import Asking

@Suite("An inquiry about a task")
struct InquiryTests {
    private static let limits = InquiryLimits()
    private static let party = "https://api.example.com"
    private let rules = InquiryRules(
        limits: limits, upstreams: [UpstreamEndpoint(party)!], parser: JSONParser(maxBytes: 4096, maxDepth: 16))

    private func question(
        state: String? = #"{"type":"progress","progress":10}"#, status: String? = "PROCESSING",
        address: String? = party
    ) -> BeginInquiryScript.Question {
        BeginInquiryScript.Question(
            epoch: "e", stateSequence: "7", state: state.map { Array($0.utf8) }, status: status, progress: "10",
            externalID: "x/1", apiKey: "key", address: address)
    }

    private func answer(_ text: String, _ status: Int = 200) -> Inquiry.Event {
        .answered(.answered(status: status, body: Array(text.utf8)))
    }

    private func settlement(_ outcome: Inquiry.Outcome, event: String? = nil, next: Int) -> Inquiry.Action {
        .settle(
            Inquiry.Settlement(
                epoch: "e", stateSequence: "7", outcome: outcome, event: event.map { Array($0.utf8) },
                nextMilliseconds: next))
    }

    /// The actions after the last of these events.
    private func last(_ events: Inquiry.Event..., isEager: Bool = false, now: UInt64 = 0) -> [Inquiry.Action] {
        var inquiry = Inquiry(isEager: isEager, now: 0)
        return events.map { inquiry.receive($0, now: now, rules: rules) }.last ?? []
    }

    @Test("begins by asking Redis for its turn")
    func begins() {
        #expect(Inquiry(isEager: false, now: 0).first == .begin(isEager: false))
        var inquiry = Inquiry(isEager: false, now: 0)
        inquiry.join(isEager: true)
        inquiry.join(isEager: false)
        #expect(inquiry.first == .begin(isEager: true))
    }

    @Test("ends at once without a third party, or where a node asked just now")
    func nobody() {
        #expect(last(.turn(nil)) == [.end(.notAsked)])
        #expect(last(.turn(BeginInquiryScript.Turn.none)) == [.end(.nobodyToAsk)])
        #expect(last(.turn(.fresh)) == [.end(.mayHaveChanged)])
    }

    @Test("waits while an answer is fresh, and accepts an answer that others get meanwhile")
    func waits() {
        #expect(last(.turn(.wait(300))) == [.pause(320)])
        #expect(last(.turn(.wait(99_999))) == [.pause(1_020)])
        #expect(last(.turn(.wait(300)), .pauseOver, isEager: true) == [.begin(isEager: false)])
    }

    @Test("checks again while another node asks, and gives up when that takes too long")
    func busy() {
        #expect(last(.turn(.busy), now: 13_000) == [.pause(150)])
        #expect(last(.turn(.busy), .pauseOver, isEager: true) == [.begin(isEager: true)])
        #expect(last(.turn(.busy), now: 13_001) == [.end(.mayHaveChanged)])
    }

    @Test("asks the third party, with its own name for the task as one segment")
    func asks() {
        let url = Self.party + ":443/sora/v1/videos/x%2F1"
        #expect(last(.turn(.ask(question()))) == [.get(url: url, authorization: "key")])
    }

    @Test(
        "asks nobody about a task that has no state or waits for nothing, and polls later",
        arguments: [(nil, "PROCESSING"), ("no JSON", "PROCESSING"), (#"{"type":"progress"}"#, "COMPLETED")])
    func asksNobody(_ state: String?, _ status: String) {
        let actions = last(.turn(.ask(question(state: state, status: status))))
        #expect(actions == [settlement(.notAsked, next: 30_000)])
    }

    @Test("asks only this node's third parties; another node may ask others", arguments: [nil, "https://evil.example"])
    func foreign(_ address: String?) {
        let actions = last(.turn(.ask(question(address: address))))
        #expect(actions == [.report(.notOurs), settlement(.notAsked, next: 15_000)])
    }

    @Test("publishes news, and nothing where there is none")
    func tells() {
        let event = #"{"type":"progress","status":"PROCESSING","progress":42}"#
        #expect(
            last(.turn(.ask(question())), answer(#"{"status":"processing","progress":42}"#)) == [
                settlement(.mayHaveChanged, event: event, next: 30_000)
            ])
        #expect(
            last(.turn(.ask(question())), answer(#"{"status":"processing","progress":10}"#)) == [
                settlement(.mayHaveChanged, next: 30_000)
            ])
    }

    @Test("reports an unusable answer, and ends without news")
    func noAnswer() {
        let cases: [(Inquiry.Event, String)] = [
            (.answered(.failed(reason: "no route")), "no route"),
            (answer("{}", 404), "it answered with status 404"),
            (answer("{}", 302), "it answered with status 302"),
            (answer("[]"), "the answer is not a JSON object"),
        ]
        for (event, reason) in cases {
            let trouble = Inquiry.Trouble.noAnswer(party: Self.party + ":443", reason: reason)
            #expect(
                last(.turn(.ask(question())), event) == [.report(trouble), settlement(.mayHaveChanged, next: 30_000)])
        }
    }

    @Test("ends as it was settled")
    func ends() {
        #expect(last(.turn(.ask(question())), answer("{}", 500), .settled) == [.end(.mayHaveChanged)])
        #expect(last(.turn(.ask(question(state: nil))), .settled) == [.end(.notAsked)])
    }

    @Test("ignores events that do not belong to its state")
    func strays() {
        let (turn, answered) = (Inquiry.Event.turn(.fresh), answer("{}"))
        // While the loop asks Redis.
        for event in [.pauseOver, answered, .settled] { #expect(last(event) == []) }
        // During a pause.
        for event in [turn, answered, .settled] { #expect(last(.turn(.busy), event) == []) }
        // While the third party is being asked.
        for event in [turn, .pauseOver, .settled] { #expect(last(.turn(.ask(question())), event) == []) }
        // While the end is being stored.
        for event in [turn, .pauseOver, answered] {
            #expect(last(.turn(.ask(question(state: nil))), event) == [])
        }
        // After the end.
        for event in [turn, .pauseOver, answered, .settled] { #expect(last(turn, event) == []) }
    }
}

@Suite("The inquiries of a loop")
struct OpenInquiriesTests {
    private func inquiries(perLoop: Int = 2, waiters: Int = 3) -> OpenInquiries<Int> {
        var limits = InquiryLimits()
        (limits.perLoop, limits.waiters) = (perLoop, waiters)
        return OpenInquiries(
            rules: InquiryRules(limits: limits, upstreams: [], parser: JSONParser(maxBytes: 64, maxDepth: 4)))
    }

    private func task(_ id: String) -> ChannelName { .task(Identifier(id)!) }

    @Test("one request goes out for a task, and all waiters are told")
    func shared() {
        var open = inquiries()
        let first = open.ask(about: task("a"), isEager: false, token: "1", now: 0, 10)
        let second = open.ask(about: task("a"), isEager: true, token: "2", now: 0, 11)
        #expect(first == .begun(.begin(isEager: false)) && second == .joined)
        #expect(open.count == 1)
        let actions = open.receive(.turn(.fresh), of: task("a"), token: "1", now: 0)
        #expect(actions == [.end(.mayHaveChanged)])
        #expect(open.end(task("a")) == [10, 11])
        #expect(open.count == 0 && open.end(task("a")).isEmpty)
    }

    @Test("beyond the bounds a waiter is refused, but may join while there is room to wait")
    func bounds() {
        var open = inquiries()
        var asked: [OpenInquiries<Int>.Asked] = []
        for (waiter, id) in ["a", "b", "c", "a", "b"].enumerated() {
            asked.append(open.ask(about: task(id), isEager: false, token: "\(waiter)", now: 0, waiter))
        }
        #expect(asked.map { $0 == .refused } == [false, false, true, false, true])
        _ = open.end(task("a"))
        let again = open.ask(about: task("c"), isEager: false, token: "9", now: 0, 9)
        #expect(again != .refused)
    }

    @Test("an answer to an ended inquiry does not count for the next one about the same task")
    func late() {
        var open = inquiries()
        _ = open.ask(about: task("a"), isEager: false, token: "1", now: 0, 1)
        _ = open.end(task("a"))
        _ = open.ask(about: task("a"), isEager: false, token: "2", now: 0, 2)
        let late = open.receive(.turn(.fresh), of: task("a"), token: "1", now: 0)
        #expect(late == [])
        #expect(open.token(of: task("a")) == "2")
    }
}
