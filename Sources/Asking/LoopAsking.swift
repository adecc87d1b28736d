package import EventLoop
package import HTTPClient
import JSON
package import Redis
package import Settings
package import Store
package import Telemetry

/// A loop's requests to third parties: for its viewers, and on the first loop also in the background.
package final class LoopAsking {
    /// The settings about third parties.
    package struct Rules {
        let upstreams: [UpstreamEndpoint]
        let limits: InquiryLimits
        let history: HistoryLimits
        let jsonDepth: Int

        /// `upstreams` are this node's third parties; `history` bounds what Redis keeps of their answers; `jsonDepth`
        /// is how deep an answer may nest.
        package init(upstreams: [UpstreamEndpoint], limits: InquiryLimits, history: HistoryLimits, jsonDepth: Int) {
            self.upstreams = upstreams
            self.limits = limits
            self.history = history
            self.jsonDepth = jsonDepth
        }
    }

    /// Nil where there are no third parties.
    package let inquiries: Inquiries?
    /// Polls in the background, on the first loop of a node with third parties.
    package let poll: InquiryPoll?
    private let secrets: SecretsWatch?

    /// `isFirst`: the loop is the node's first. `client` is nil where there are no third parties.
    package init(
        isFirst: Bool, loop: EventLoop, bus: any CommandBus, client: UpstreamClient?, naming: Naming, rules: Rules,
        log: Log, activity: SampledLog, tally: Tally<AskingCounters>
    ) {
        let inquiries = client.map { client in
            let parser = JSONParser(maxBytes: UpstreamLimits().answerBytes, maxDepth: rules.jsonDepth)
            return Inquiries(
                loop: loop, redis: bus, client: client, naming: naming, history: rules.history,
                rules: InquiryRules(limits: rules.limits, upstreams: rules.upstreams, parser: parser),
                log: log, activity: activity, tally: tally)
        }
        let poll = (isFirst ? inquiries : nil).map {
            InquiryPoll(loop: loop, redis: bus, naming: naming, inquiries: $0)
        }
        self.inquiries = inquiries
        self.poll = poll
        secrets =
            isFirst ? SecretsWatch(loop: loop, redis: bus, naming: naming, limits: rules.limits, poll: poll) : nil
    }

    /// Starts the background polls.
    package func start() {
        poll?.start()
        secrets?.start()
    }

    /// Stops them.
    package func stop() {
        poll?.stop()
        secrets?.stop()
    }
}
