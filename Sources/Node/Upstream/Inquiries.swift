import Events
import Dialects
import EventLoop
import JSON
import RESP
import Redis
import Tasks
import HTTPClient

/// Asking third parties how tasks stand, for this loop's viewers and for the background poll (ops/dialects.md).
///
/// However many ask for a task at once, on however many nodes, one request goes out: whoever comes while one is under way
/// waits for it. What is new reaches every viewer as any event does.
final class Inquiries: Inquirer {
    /// What came of an inquiry, for one who knows the stored state as it was before.
    enum Outcome {
        /// Nobody was asked: what is known is all there is.
        case notAsked
        /// The stored state may have changed.
        case mayHaveChanged
    }

    private final class Inquiry {
        let name: ChannelName
        let token = Incarnation.make()
        let startedAt: UInt64
        /// Whether an answer just given to others is not fresh enough.
        var isEager: Bool
        var waiters: [(Outcome) -> Void] = []

        init(_ name: ChannelName, isEager: Bool, now: UInt64) {
            self.name = name
            self.isEager = isEager
            startedAt = now
        }
    }

    private unowned let core: LoopCore
    private let client: UpstreamClient
    private let parser: JSONParser
    private var open: [ChannelName: Inquiry] = [:]
    private var waiting = 0

    private var configuration: Configuration { core.shared.configuration }
    private var limits: NodeLimits { core.limits }

    init(core: LoopCore, client: UpstreamClient) {
        self.core = core
        self.client = client
        parser = JSONParser(maxBytes: core.limits.upstream.answerBytes, maxDepth: core.limits.jsonDepth)
    }

    /// How many are under way.
    var count: Int { open.count }

    /// Has the task's third party asked, where it has one, and tells what came of it. `isEager`: an answer that came a
    /// moment ago will not do.
    func ask(about name: ChannelName, isEager: Bool, _ completion: @escaping (Outcome) -> Void) {
        let found = open[name]
        guard waiting < limits.inquiryWaiters, found != nil || open.count < limits.inquiriesPerLoop else {
            core.counters.upstreamRefused += 1
            return completion(.notAsked)
        }
        waiting += 1
        if let found {
            found.isEager = found.isEager || isEager
            return found.waiters.append(completion)
        }
        let inquiry = Inquiry(name, isEager: isEager, now: core.loop.now)
        inquiry.waiters.append(completion)
        open[name] = inquiry
        begin(inquiry)
    }

    /// The same for one viewer, of which only so many requests wait: the rest get what is stored.
    func ask(
        about name: ChannelName, isEager: Bool, for viewer: any Viewer,
        _ completion: @escaping (_ mayHaveChanged: Bool) -> Void
    ) {
        guard viewer.waitingInquiries < limits.inquiriesPerConnection else {
            core.counters.upstreamRefused += 1
            return completion(false)
        }
        viewer.waitingInquiries += 1
        ask(about: name, isEager: isEager) { [weak viewer] outcome in
            viewer?.waitingInquiries -= 1
            completion(outcome == .mayHaveChanged)
        }
    }

    private func end(_ inquiry: Inquiry, _ outcome: Outcome) {
        open[inquiry.name] = nil
        waiting -= inquiry.waiters.count
        for waiter in inquiry.waiters { waiter(outcome) }
    }

    // MARK: One node at a time

    private func begin(_ inquiry: Inquiry) {
        let naming = configuration.naming
        let arguments = [
            inquiry.token, "\(limits.inquiryMilliseconds)", naming.channel(inquiry.name.text),
            inquiry.isEager ? "1" : "",
        ]
        core.redis.run(
            RedisScripts.beginInquiry, keys: InquiryScripts.beginKeys(inquiry.name, naming: naming),
            arguments: arguments.map { Array($0.utf8) }
        ) { [weak self] result in
            guard let self else { return }
            guard case .success(let reply) = result, let turn = InquiryTurn(reply) else {
                return end(inquiry, .notAsked)
            }
            take(turn, inquiry)
        }
    }

    private func take(_ turn: InquiryTurn, _ inquiry: Inquiry) {
        switch turn {
        case .none: end(inquiry, .notAsked)
        case .fresh: end(inquiry, .mayHaveChanged)
        case .wait(let milliseconds):
            // An answer that others get meanwhile is fresh enough.
            inquiry.isEager = false
            retry(inquiry, after: min(milliseconds, limits.freshMilliseconds) + limits.freshMarginMilliseconds)
        case .busy:
            let isLate = core.loop.now - inquiry.startedAt > limits.inquiryMilliseconds + limits.freshMilliseconds
            isLate ? end(inquiry, .mayHaveChanged) : retry(inquiry, after: limits.inquiryRetryMilliseconds)
        case .ask(let question): ask(question, inquiry)
        }
    }

    private func retry(_ inquiry: Inquiry, after milliseconds: UInt64) {
        core.loop.schedule(after: milliseconds) { [weak self] in self?.begin(inquiry) }
    }

    // MARK: Asking

    private func ask(_ question: InquiryTurn.Question, _ inquiry: Inquiry) {
        let known = knowledge(in: question)
        guard let known, ThirdPartyStatus.isAwaited(known.status) else {
            return settle(inquiry, question, .notAsked, nextAfter: limits.pollMilliseconds)
        }
        guard let endpoint = endpoint(question.address) else {
            core.counters.upstreamFailures += 1
            core.log.warning(
                "a task names a third party that is no --upstream of this node", ["task": .text(inquiry.name.id)])
            return settle(inquiry, question, .notAsked, nextAfter: limits.takeoverMilliseconds)
        }
        core.counters.upstreamRequests += 1
        // Touched on the loop only: the client's thread just passes it back.
        nonisolated(unsafe) let asking = (self, inquiry, question, known, endpoint)
        client.get(endpoint.statusURL(of: question.externalID), authorization: question.apiKey) { [loop = core.loop] in
            let outcome = $0
            loop.execute {
                let (inquiries, inquiry, question, known, endpoint) = asking
                inquiries.receive(outcome, of: endpoint, known, question, inquiry)
            }
        }
    }

    /// What is known of the task; nil where there is no state.
    private func knowledge(in question: InquiryTurn.Question) -> TaskKnowledge? {
        guard let state = question.state, let object = try? parser.object(state),
            (try? Event(object, parser: parser)) != nil
        else { return nil }
        return TaskKnowledge(status: question.status, progress: question.progress)
    }

    /// The address, if it is one of this node's: a task may have been registered under other settings.
    private func endpoint(_ address: String?) -> UpstreamEndpoint? {
        guard let endpoint = address.flatMap({ UpstreamEndpoint($0) }),
            configuration.upstreams.contains(where: endpoint.isSameParty)
        else { return nil }
        return endpoint
    }

    private func receive(
        _ outcome: UpstreamOutcome, of endpoint: UpstreamEndpoint, _ known: TaskKnowledge,
        _ question: InquiryTurn.Question, _ inquiry: Inquiry
    ) {
        var event: [UInt8]?
        do throws(InquiryFailure) {
            event = try Self.status(in: outcome, parser).event(after: known)
        } catch {
            core.counters.upstreamFailures += 1
            core.log.warning(
                "a third party did not say how a task stands",
                [
                    "task": .text(inquiry.name.id), "upstream": .text(endpoint.origin), "reason": .text(error.reason),
                ])
        }
        settle(inquiry, question, .mayHaveChanged, event: event, nextAfter: limits.pollMilliseconds)
    }

    private static func status(
        in outcome: UpstreamOutcome, _ parser: JSONParser
    ) throws(InquiryFailure) -> ThirdPartyStatus {
        switch outcome {
        case .failed(let reason): throw InquiryFailure(reason: reason)
        case .answered(200..<300, let body):
            do { return try ThirdPartyStatus(body, parser: parser) } catch {
                throw InquiryFailure(reason: error.rawValue)
            }
        case .answered(let status, _): throw InquiryFailure(reason: "it answered with status \(status)")
        }
    }

    // MARK: Telling

    private func settle(
        _ inquiry: Inquiry, _ question: InquiryTurn.Question, _ outcome: Outcome, event: [UInt8]? = nil, nextAfter: Int
    ) {
        let naming = configuration.naming
        let head = [
            inquiry.token, "\(outcome == .notAsked ? 0 : limits.freshMilliseconds)", naming.channel(inquiry.name.text),
            "\(nextAfter)", question.epoch,
            question.stateSequence,
        ]
        let arguments = head.map { Array($0.utf8) } + publishing(event)
        core.redis.run(
            RedisScripts.settleInquiry, keys: InquiryScripts.settleKeys(inquiry.name, naming: naming),
            arguments: arguments
        ) { [weak self] result in
            if case .failure(let error) = result {
                self?.core.log.warning(
                    "could not store what a third party said",
                    ["task": .text(inquiry.name.id), "reason": .text("\(error)")])
            }
            self?.end(inquiry, outcome)
        }
    }

    /// The arguments that publish `event`; none where there is none.
    private func publishing(_ event: [UInt8]?) -> [[UInt8]] {
        guard let event, let runID = core.redis.runID, let object = try? parser.object(event),
            let parsed = try? Event(object, parser: parser)
        else { return [] }
        return PublishScript.arguments(
            runID: runID, limits: configuration.history, naming: configuration.naming, batch: [(event, parsed)])
    }
}

/// Why a third party's answer is none.
private struct InquiryFailure: Error {
    let reason: String
}
