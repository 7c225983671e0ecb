namespace Gateway.Dialects.Framing;

/// <summary>
/// Cuts the bytes of a stream into wire events, whatever the sizes of the pieces they arrive in. Frames come out as the exact bytes that went in, so that joined
/// again they are the stream, apart from what lies between two frames. Not thread-safe.
/// </summary>
public interface IFrameReader : IDisposable
{
    /// <summary>True when bytes of an event that has not ended are held.</summary>
    bool HasPartialFrame { get; }

    /// <summary>True when the event under way is longer than allowed; reading must stop.</summary>
    bool Overflowed { get; }

    /// <summary>True when the bytes cannot be cut into events; reading must stop.</summary>
    bool IsMalformed { get; }

    /// <summary>Room to read the next piece into; call <see cref="Advance"/> with what was filled. Invalidates frames returned before.</summary>
    Memory<byte> GetMemory();

    /// <summary>Tells that <paramref name="count"/> bytes were written into <see cref="GetMemory"/>.</summary>
    void Advance(int count);

    /// <summary>Takes the next whole event with its framing. The memory is valid until <see cref="GetMemory"/> is called.</summary>
    bool TryRead(out ReadOnlyMemory<byte> frame);

    /// <summary>What a frame that <see cref="TryRead"/> gave carries.</summary>
    StreamFrame Open(ReadOnlyMemory<byte> frame);
}

/// <summary>What a wire event carries.</summary>
/// <param name="EventName">Its name, or empty.</param>
/// <param name="Payload">Its payload; empty for a comment or a keep-alive.</param>
public readonly record struct StreamFrame(ReadOnlyMemory<byte> EventName, ReadOnlyMemory<byte> Payload);
