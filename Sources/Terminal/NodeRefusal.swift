package import JSON
import Progress

/// The meaning of a node's refusals.
package enum NodeRefusal {
    /// Whether a retry, or another node, may succeed: the node is full, draining, or Redis is away.
    package static func mayPass(_ status: Int) -> Bool { status == 429 || status >= 500 }

    /// The node's message: `{"error":{"message":"…"}}`.
    package static func words(_ status: Int, _ body: [UInt8], _ parser: JSONParser) -> String {
        let error = (try? parser.object(body))?["error"]?.object(parser)
        guard let message = error?["message"]?.string else { return "not an answer of a Fantail node" }
        return PlainText.text(message.utf8)
    }

    /// The reason, and what to do about it.
    package static func explain(_ status: Int, _ words: String, node: NodeURL, subject: String)
        -> String
    {
        switch status {
        case 401:
            "\(node.text) does not accept the token: \(words); set another with --token or FANTAIL_TOKEN"
        case 403: "\(node.text) refuses the request for \(subject): \(words)"
        case 200, 300..<400, 404, 405:
            "\(node.text) is not a Fantail node: it answered \(status); set the node's URL with --url"
        default: "\(node.text) answered \(status): \(words)"
        }
    }
}
