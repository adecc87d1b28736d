import Cuttings
import WebSocket

@testable import HTTP

/// The readers of requests and of responses.
enum HTTPFuzz {
    static let requests = FuzzTarget(name: "http-requests", seeds: { requestSeeds.map { Array($0.utf8) } }) { input in
        for limits in [HTTPLimits(), tight] {
            let outcomes = Cutting.repeatable(of: input).map { readRequests($0, limits) }
            demand(outcomes.allSatisfy { $0 == outcomes[0] }, "cut otherwise, it reads otherwise: \(outcomes)")
            for (head, body) in zip(outcomes[0].heads, outcomes[0].bodies) { check(head, body, limits) }
        }
    }

    static let responses = FuzzTarget(name: "http-responses", seeds: { responseSeeds.map { Array($0.utf8) } }) {
        input in
        for limits in [HTTPLimits(), tight] {
            let outcomes = Cutting.repeatable(of: input).map { readResponses($0, limits) }
            demand(outcomes.allSatisfy { $0 == outcomes[0] }, "cut otherwise, it reads otherwise: \(outcomes)")
            for response in outcomes[0].responses {
                demand(response.body.count <= limits.maxBodyBytes, "a body of \(response.body.count) bytes")
                demand(response.headers.fields.count <= limits.maxHeaders, "too many fields")
            }
        }
    }

    /// Bounds that short inputs reach.
    private static let tight: HTTPLimits = {
        var limits = HTTPLimits()
        (limits.maxHeadBytes, limits.maxBodyBytes, limits.maxHeaders) = (200, 24, 4)
        (limits.maxChunkExtensionBytes, limits.maxTrailerBytes) = (8, 32)
        return limits
    }()

    private struct Requests: Equatable {
        var heads: [RequestHead] = []
        var bodies: [[UInt8]] = []
        var error: HTTPError?
    }

    private static func readRequests(_ cutting: Cutting, _ limits: HTTPLimits) -> Requests {
        var decoder = RequestDecoder(limits: limits)
        var outcome = Requests()
        for piece in cutting.pieces {
            piece.withUnsafeBytes { decoder.append($0) }
            do throws(HTTPError) {
                while let output = try decoder.next() {
                    switch output {
                    case .head(let head): outcome.heads.append(head)
                    case .body(let body): outcome.bodies.append(body)
                    }
                }
            } catch {
                outcome.error = outcome.error ?? error
            }
        }
        return outcome
    }

    private struct Responses: Equatable {
        var responses: [Response] = []
        var error: HTTPError?
        var last: Response?
    }

    private static func readResponses(_ cutting: Cutting, _ limits: HTTPLimits) -> Responses {
        var decoder = ResponseDecoder(limits: limits)
        var outcome = Responses()
        for piece in cutting.pieces {
            piece.withUnsafeBytes { decoder.append($0) }
            do throws(HTTPError) {
                while let response = try decoder.next() { outcome.responses.append(response) }
            } catch {
                outcome.error = outcome.error ?? error
            }
        }
        outcome.last = decoder.finish()
        return outcome
    }

    /// The bounds, and that the same request in plain form is the same request: ambiguous readings allow smuggling.
    private static func check(_ head: RequestHead, _ body: [UInt8], _ limits: HTTPLimits) {
        demand(body.count <= limits.maxBodyBytes, "a body of \(body.count) bytes")
        demand(head.headers.fields.count <= limits.maxHeaders, "too many fields")
        demand(head.target.utf8.count <= limits.maxHeadBytes, "a target longer than a head")
        let texts = head.headers.fields.flatMap { [$0.name, $0.value] } + [head.method, head.target]
        demand(!texts.joined().utf8.contains { [0x0D, 0x0A, 0].contains($0) }, "a line end inside a line")
        if let answer = try? ServerHandshake.accept(head: head, subprotocols: ["fantail.jobs"], allowDeflate: true) {
            demand(answer.response.starts(with: "HTTP/1.1 101 ".utf8), "a handshake without 101")
        }
        guard head.version == .http11 else { return }
        var headers = Headers()
        for field in head.headers.fields where !isFraming(field.name) { headers.add(field.name, field.value) }
        let plain = ClientRequest(method: head.method, target: head.target, headers: headers, body: body).encode()
        let again = readRequests(Cutting.all(of: plain, random: 0)[0], generous)
        demand(again.error == nil && again.heads.count == 1 && again.bodies == [body], "said plainly: \(again)")
        let same = again.heads[0]
        demand(same.method == head.method && same.target == head.target && same.path == head.path, "another target")
        demand(same.segments == head.segments && same.query == head.query && same.host == head.host, "another target")
    }

    private static func isFraming(_ name: String) -> Bool {
        equalsIgnoringCase(name, "Content-Length") || equalsIgnoringCase(name, "Transfer-Encoding")
    }

    /// Room for a re-encoded request that is a few bytes longer.
    private static let generous: HTTPLimits = {
        var limits = HTTPLimits()
        limits.maxHeadBytes *= 2
        limits.maxHeaders += 1
        return limits
    }()

    private static let requestSeeds = [
        "GET /ws?token=a%20b&x HTTP/1.1\r\nHost: a:8000\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Protocol: x, fantail.jobs\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=\"15\", x\r\n\r\n",
        "POST /api/v1/tasks/a%2Fb/events HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}"
            + "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT http://h/x?y HTTP/1.1\r\nhost:h\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0\r\nT: 1\r\n\r\n",
        "\r\nOPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\nHEAD /?a=+b HTTP/1.1\r\nHost: [::1]\r\n\r\n",
    ]

    private static let responseSeeds = [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.0 404 Not Found\r\nX: y\r\n\r\nto the end",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}",
    ]
}
