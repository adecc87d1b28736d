internal import TLS

/// The buffers that a loop's TLS streams share: each stream needs them during a call only.
final class RecordBuffers {
    /// Takes decrypted bytes.
    let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 16)
    /// Gathers small frames, so that they share a record: each record costs 22 bytes and a call of OpenSSL.
    let gathered = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSConnection.maxRecordBytes, alignment: 16)

    deinit {
        plain.deallocate()
        gathered.deallocate()
    }
}

extension EventLoop {
    var records: RecordBuffers {
        if let recordBuffers { return recordBuffers }
        let made = RecordBuffers()
        recordBuffers = made
        return made
    }
}
