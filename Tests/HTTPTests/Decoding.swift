import Cuttings
import HTTP
import Testing

/// What a decoder made of an input: its outputs, then the error that ended it.
struct Outcome: Equatable {
    var outputs: [RequestDecoder.Output] = []
    var error: HTTPError?
    var remainder: [UInt8] = []

    var heads: [RequestHead] { outputs.compactMap { if case .head(let head) = $0 { head } else { nil } } }
    var bodies: [String] {
        outputs.compactMap { if case .body(let body) = $0 { String(decoding: body, as: UTF8.self) } else { nil } }
    }
}

/// Decodes requests that arrive in every way, expects the same of each, and gives that.
func decode(
    _ input: [UInt8], limits: HTTPLimits = HTTPLimits(), sourceLocation: SourceLocation = #_sourceLocation
) -> Outcome {
    let cuttings = Cutting.all(of: input)
    let whole = decode(cuttings[0], limits: limits)
    for cutting in cuttings.dropFirst() {
        #expect(decode(cutting, limits: limits) == whole, "\(cutting.name)", sourceLocation: sourceLocation)
    }
    return whole
}

/// The same of text.
func decode(
    _ input: String, limits: HTTPLimits = HTTPLimits(), sourceLocation: SourceLocation = #_sourceLocation
) -> Outcome {
    decode(Array(input.utf8), limits: limits, sourceLocation: sourceLocation)
}

private func decode(_ cutting: Cutting, limits: HTTPLimits) -> Outcome {
    var decoder = RequestDecoder(limits: limits)
    var outcome = Outcome()
    for piece in cutting.pieces {
        piece.withUnsafeBytes { decoder.append($0) }
        do throws(HTTPError) {
            while let output = try decoder.next() { outcome.outputs.append(output) }
        } catch {
            outcome.error = outcome.error ?? error
        }
    }
    outcome.remainder = decoder.takeRemainder()
    return outcome
}

extension RequestDecoder {
    /// Takes text as if it had been received.
    mutating func append(text: String) {
        Array(text.utf8).withUnsafeBytes { append($0) }
    }
}
