import Events
import HTTPClient
package import JSON
package import Settings
package import Store

/// The third parties that a loop may ask, the bounds, and how to read an answer.
package struct InquiryRules {
    let limits: InquiryLimits
    /// The third parties of this node.
    private let upstreams: [UpstreamEndpoint]
    private let parser: JSONParser

    package init(limits: InquiryLimits, upstreams: [UpstreamEndpoint], parser: JSONParser) {
        self.limits = limits
        self.upstreams = upstreams
        self.parser = parser
    }

    /// What is known of the task; nil where there is no state.
    func knowledge(in question: BeginInquiryScript.Question) -> TaskKnowledge? {
        guard let state = question.state, let object = try? parser.object(state),
            (try? Event(object, parser: parser)) != nil
        else { return nil }
        return TaskKnowledge(status: question.status, progress: question.progress)
    }

    /// The third party at an address, if this node knows it: a task may have been registered under other settings.
    func party(at address: String?) -> UpstreamEndpoint? {
        guard let party = address.flatMap({ UpstreamEndpoint($0) }), upstreams.contains(where: party.isSameParty)
        else { return nil }
        return party
    }

    /// The status in a third party's answer.
    func status(in outcome: UpstreamOutcome) throws(InquiryFailure) -> ThirdPartyStatus {
        switch outcome {
        case .failed(let reason): throw InquiryFailure(reason: reason)
        case .answered(200..<300, let body):
            do { return try ThirdPartyStatus(body, parser: parser) } catch {
                throw InquiryFailure(reason: error.rawValue)
            }
        case .answered(let status, _): throw InquiryFailure(reason: "it answered with status \(status)")
        }
    }

    /// An event ready to publish; nil where it is none.
    func entry(_ event: [UInt8]?) -> PublishScript.Entry? {
        guard let event, let object = try? parser.object(event), let parsed = try? Event(object, parser: parser)
        else { return nil }
        return (event, parsed)
    }
}

/// Why a third party's answer is not usable.
struct InquiryFailure: Error {
    let reason: String
}
