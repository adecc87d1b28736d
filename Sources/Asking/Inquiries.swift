import Base
package import EventLoop
package import Events
package import HTTPClient
import JSON
import RESP
package import Redis
package import Settings
package import Store
package import Telemetry

/// Asks third parties how tasks stand, for this loop's viewers and for the background poll (ops/dialects.md).
///
/// All viewers that ask for a task at once, on any nodes, share one request: those that come while it is under way wait
/// for it. News reaches every viewer as an event.
package final class Inquiries {
    package let limits: InquiryLimits
    private let tally: Tally<AskingCounters>
    private let loop: EventLoop
    private let redis: any CommandBus
    private let client: UpstreamClient
    private let naming: Naming
    private let history: HistoryLimits
    private let rules: InquiryRules
    private let log: Log
    private let activity: SampledLog
    private var open: OpenInquiries<(Inquiry.Outcome) -> Void>

    package init(
        loop: EventLoop, redis: any CommandBus, client: UpstreamClient, naming: Naming, history: HistoryLimits,
        rules: InquiryRules, log: Log, activity: SampledLog, tally: Tally<AskingCounters>
    ) {
        self.loop = loop
        self.redis = redis
        self.client = client
        self.naming = naming
        self.history = history
        self.rules = rules
        self.log = log
        self.activity = activity
        self.tally = tally
        limits = rules.limits
        open = OpenInquiries(rules: rules)
    }

    /// The number of inquiries under way.
    var count: Int { open.count }

    /// Asks the task's third party, where it has one, and reports the outcome. `isEager`: an answer from a moment ago
    /// is too old.
    package func ask(about name: ChannelName, isEager: Bool, _ completion: @escaping (Inquiry.Outcome) -> Void) {
        let asked = open.ask(
            about: name, isEager: isEager, token: Incarnation.make(), now: loop.now, completion)
        switch asked {
        case .refused: refuse(completion)
        case .joined: break
        case .begun(let action): perform(action, name)
        }
    }

    /// Refuses a viewer's request: too many of them wait already.
    package func refuse(_ completion: (Inquiry.Outcome) -> Void) {
        tally.counters.upstreamRefused += 1
        completion(.notAsked)
    }

    // MARK: Doing what is decided

    private func receive(_ event: Inquiry.Event, of name: ChannelName, _ token: String) {
        for action in open.receive(event, of: name, token: token, now: loop.now) { perform(action, name) }
    }

    private func perform(_ action: Inquiry.Action, _ name: ChannelName) {
        guard let token = open.token(of: name) else { return }
        switch action {
        case .begin(let isEager): begin(name, token, isEager: isEager)
        case .pause(let milliseconds):
            loop.schedule(after: milliseconds) { [weak self] in self?.receive(.pauseOver, of: name, token) }
        case .get(let url, let authorization): get(url, authorization, name, token)
        case .report(let trouble): report(trouble, name)
        case .settle(let settlement): settle(settlement, name, token)
        case .end(let outcome): for waiter in open.end(name) { waiter(outcome) }
        }
    }

    private func begin(_ name: ChannelName, _ token: String, isEager: Bool) {
        let script = BeginInquiryScript(
            name, token: token, milliseconds: limits.turnMilliseconds, isEager: isEager, naming: naming)
        redis.run(script) { [weak self] result in self?.receive(.turn(try? result.get()), of: name, token) }
    }

    private func get(_ url: String, _ authorization: String, _ name: ChannelName, _ token: String) {
        tally.counters.upstreamRequests += 1
        activity.info("asked a third party, for WebSockets", ["task": .text(name.id)])
        // Used on the loop only: the client's thread just passes it back.
        nonisolated(unsafe) let inquiries = self
        client.get(url, authorization: authorization) { [loop] outcome in
            loop.execute { inquiries.receive(outcome, of: name, token) }
        }
    }

    private func receive(_ outcome: UpstreamOutcome, of name: ChannelName, _ token: String) {
        switch outcome {
        case .answered(let status, _):
            activity.info(
                "a third party answered, for WebSockets", ["task": .text(name.id), "status": .number(status)])
        case .failed(let reason):
            activity.info(
                "a third party did not answer, for WebSockets", ["task": .text(name.id), "reason": .text(reason)])
        }
        receive(.answered(outcome), of: name, token)
    }

    private func report(_ trouble: Inquiry.Trouble, _ name: ChannelName) {
        tally.counters.upstreamFailures += 1
        switch trouble {
        case .notOurs:
            log.warning("the third party of a task is no --upstream of this node", ["task": .text(name.id)])
        case .noAnswer(let party, let reason):
            log.warning(
                "a third party gave no usable answer about a task",
                ["task": .text(name.id), "upstream": .text(party), "reason": .text(reason)])
        }
    }

    /// Stores the time of the next poll first, so that no poll is forgotten; then the end, in the task's own hash slot.
    /// An ended task is removed from the polls, unless it was restarted meanwhile.
    private func settle(_ settlement: Inquiry.Settlement, _ name: ChannelName, _ token: String) {
        let channel = naming.channel(name.text)
        let delay = DelayDueScript(channel, milliseconds: settlement.nextMilliseconds, in: .inquiries(naming))
        redis.run(delay) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let due): store(settlement, name, token, due)
            case .failure(let error): didSettle(name, token, error)
            }
        }
    }

    private func store(_ settlement: Inquiry.Settlement, _ name: ChannelName, _ token: String, _ due: Int64) {
        let script = SettleInquiryScript(
            name, token: token, freshMilliseconds: settlement.outcome == .mayHaveChanged ? limits.freshMilliseconds : 0,
            epoch: settlement.epoch, stateSequence: settlement.stateSequence,
            publishing: publishing(settlement.event, to: name), naming: naming)
        redis.run(script) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let goesOn):
                if !goesOn {
                    redis.run(DropDueScript(naming.channel(name.text), due: due, in: .inquiries(naming))) { _ in }
                }
                didSettle(name, token, nil)
            case .failure(let error): didSettle(name, token, error)
            }
        }
    }

    private func didSettle(_ name: ChannelName, _ token: String, _ error: RedisError?) {
        if let error {
            log.warning(
                "could not store the answer of a third party", ["task": .text(name.id), "reason": .text("\(error)")])
        }
        receive(.settled, of: name, token)
    }

    /// The script that publishes `event`; nil where there is none.
    private func publishing(_ event: [UInt8]?, to name: ChannelName) -> PublishArguments? {
        guard let runID = redis.runID(for: naming.metaKey(of: name)), let entry = rules.entry(event) else { return nil }
        return PublishArguments([entry], to: name, runID: runID, limits: history, naming: naming)
    }
}
