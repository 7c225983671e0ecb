namespace Gateway.LlmSimulator.Answers;

/// <summary>The events of one streamed answer, in any dialect.</summary>
internal interface IStreamEvents
{
    /// <summary>Number of the last event made, from 1.</summary>
    int Number { get; }

    /// <summary>Tokens in the events made so far.</summary>
    int Tokens { get; }

    /// <summary>Events of the whole stream without its end.</summary>
    int Count { get; }

    /// <summary>Events before the first that is paced, and how many are.</summary>
    (int From, int Count) Timed { get; }

    /// <summary>Every event but the end; the memory is overwritten by the next.</summary>
    IEnumerable<ReadOnlyMemory<byte>> All();

    /// <summary>In place of the last event made, one that is not JSON but framed like a whole one.</summary>
    ReadOnlyMemory<byte> Broken();

    /// <summary>The error a provider sends when it fails in the middle of a stream.</summary>
    ReadOnlyMemory<byte> Error(string? code);

    /// <summary>What tells that the stream is complete; empty where the dialect has nothing.</summary>
    ReadOnlyMemory<byte> Done();
}
