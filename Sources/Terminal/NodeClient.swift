import Base
package import Events
import HTTPClient
package import JSON

/// Requests to the nodes, each to the first one that answers.
package struct NodeClient: Sendable {
    /// The outcome of a request.
    package enum Outcome: Sendable {
        /// The body of the answer.
        case answered([UInt8])
        /// No node could be reached, or none can serve now; later may be different.
        case away(String)
        /// The request is not allowed, and will not be.
        case refused(String)
    }

    /// Milliseconds for one attempt.
    private static let attemptMilliseconds = 4_000
    /// Bytes of an answer.
    private static let maxAnswerBytes = 64 * 1024

    private let nodes: [NodeURL]
    private let authorization: String
    private let authorities: String?

    /// A client with the credentials of `access`; a token that it makes has these scopes.
    package init(_ access: NodeAccess, scopes: Set<String> = []) throws(CommandFailure) {
        nodes = access.nodes
        authorization = try access.authorization(scopes: scopes)
        authorities = access.authorities
    }

    /// Sends a request to a path: a POST with a body, a GET without. `subject` is what it is about, for people.
    package func send(
        _ path: String, body: [UInt8]? = nil, headers: [String] = [], about subject: String
    ) -> Outcome {
        var outcome = Outcome.away("no node")
        for node in nodes {
            outcome = send(path, body, headers, subject, to: node)
            guard case .away = outcome else { break }
        }
        return outcome
    }

    private func send(
        _ path: String, _ body: [UInt8]?, _ headers: [String], _ subject: String, to node: NodeURL
    ) -> Outcome {
        let type = body == nil ? [] : ["Content-Type: application/json"]
        let request = NodeRequest(
            url: node.url(path), headers: [authorization] + type + headers, body: body,
            authorities: authorities)
        do throws(NodeFailure) {
            let (status, answer) = try request.send(timeoutMilliseconds: Self.attemptMilliseconds)
            if status == 200 { return .answered(answer) }
            let words = NodeRefusal.words(status, answer, JSONParser(maxBytes: Self.maxAnswerBytes))
            if NodeRefusal.mayPass(status) { return .away("\(node.text) answered \(status) (\(words))") }
            return .refused(NodeRefusal.explain(status, words, node: node, subject: subject))
        } catch {
            return .away("\(node.text): \(error.reason)")
        }
    }

    /// A key for one batch.
    package static func newKey() -> String { String(UInt64.random(in: 0...UInt64.max), radix: 36) }

    /// Publishes events to a task as one batch; twice with the same key does it once. A node may have published it and
    /// its answer be lost: the next node is asked with the same key.
    package func publish(_ events: [[UInt8]], to task: Identifier, key: String = NodeClient.newKey()) -> Outcome {
        let body =
            [UInt8(ascii: "[")] + events.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
        return send(
            "/api/v1/tasks/\(PercentCoding.encode(task.text))/events", body: body,
            headers: ["Idempotency-Key: \(key)"], about: task.text)
    }

    /// The fields of the answer to a GET.
    package func fields(of path: String, about subject: String) throws(CommandFailure) -> JSONObject {
        switch send(path, about: subject) {
        case .answered(let answer):
            guard let fields = Self.fields(answer) else {
                throw .failed("the node's answer is not understood")
            }
            return fields
        case .away(let reason), .refused(let reason): throw .failed(reason)
        }
    }

    /// The objects of an array in an answer.
    package func objects(in value: JSONValue?) -> [JSONObject] {
        let parser = JSONParser(maxBytes: Self.maxAnswerBytes)
        return value?.elements?.compactMap { $0.object(parser) } ?? []
    }

    /// The fields of an answer; nil where it is no JSON object.
    package static func fields(_ answer: [UInt8]) -> JSONObject? {
        try? JSONParser(maxBytes: maxAnswerBytes).object(answer)
    }
}
