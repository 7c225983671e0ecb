using Gateway.Dialects;
using Gateway.Dialects.Framing;

namespace Gateway.Edge.Translation;

/// <summary>Follows a stream that is passed on as it is: what it used, and whether it is whole.</summary>
internal interface IStreamScan
{
    /// <summary>Bytes of generated text in the last event.</summary>
    int TextBytes { get; }

    /// <summary>True once the provider has reported usage.</summary>
    bool HasUsage { get; }

    /// <summary>Tokens by the last report.</summary>
    TokenCounts Tokens { get; }

    ScannedKind Read(in StreamFrame frame);

    /// <summary>Tells that the provider closed the stream without a terminator; true when it was whole all the same.</summary>
    bool Complete();
}

/// <summary>What an event of a stream means to who passes it on.</summary>
internal enum ScannedKind
{
    /// <summary>It goes on.</summary>
    Content,

    /// <summary>The answer is whole.</summary>
    Terminal,

    /// <summary>An error of the provider.</summary>
    Error,

    Malformed,
}
