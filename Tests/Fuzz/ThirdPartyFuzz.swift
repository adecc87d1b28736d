import Examples
import JSON

@testable import Events
@testable import Dialects
@testable import Store

/// Third parties' answers and addresses.
enum ThirdPartyFuzz {
    static let answers = FuzzTarget(
        name: "third-party", seeds: { (seeds + Examples.section("third_party", of: "tasks")).map { Array($0.utf8) } }
    ) { input in
        let parser = JSONParser(maxBytes: 1 << 20)
        if let status = try? ThirdPartyStatus(input, parser: parser) {
            var known = TaskKnowledge()
            for _ in 0..<2 {
                guard let text = status.event(after: known) else { break }
                guard let object = try? parser.object(text), let event = try? Event(object, parser: parser) else {
                    fatalError("an answer makes what is no event: \(String(decoding: text, as: UTF8.self))")
                }
                known.apply(event)
            }
        }
        guard let endpoint = UpstreamEndpoint(String(decoding: input, as: UTF8.self)) else { return }
        demand(UpstreamEndpoint(endpoint.text) == endpoint, "built anew, it is another party: \(endpoint.text)")
        demand(endpoint.statusURL(of: "../a?b#c").hasSuffix("/..%2Fa%3Fb%23c"), "an id that is more than a segment")
    }

    private static let seeds = [
        #"{"status":"FAILED","error":{"message":"m"}}"#,
        "https://api.example.com:8443/base/", "http://[::1]:1/a%20b",
    ]
}
