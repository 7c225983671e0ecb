using System.Net;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Errors;
using Gateway.Edge.Journal;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.RequestLog;

/// <summary>An entry under way from the request that it tells of to the worker that writes it. Holds nothing that the request's own end would take away.</summary>
internal sealed class LogDraft
{
    public required UInt128 RecordId { get; init; }

    public UsageEntry Usage;

    public required string RequestId { get; init; }

    public Failure? Failure { get; init; }

    public int Events { get; init; }

    public IPAddress? Client { get; init; }

    public string UserAgent { get; init; } = "";

    public string Decision { get; init; } = "";

    public IReadOnlyList<string> Notes { get; init; } = [];

    public IReadOnlyList<string> Dropped { get; init; } = [];

    public required RequestLogSettings Settings { get; init; }

    /// <summary>The caller's dialect.</summary>
    public DialectId Dialect { get; init; }

    /// <summary>True when the answer is of a chat, so that its stream can be put together.</summary>
    public bool IsChat { get; init; }

    /// <summary>True when a stream goes out as one JSON array.</summary>
    public bool IsJsonArray { get; init; }

    /// <summary>Parts of a request that was a form.</summary>
    public IReadOnlyList<FormPart>? Form { get; init; }

    public string AnswerType { get; init; } = "";

    /// <summary>The spans that wait for what was said; null for none.</summary>
    public RequestTrace? Trace { get; set; }

    /// <summary>What was said; null where that is not kept.</summary>
    public LogCapture? Capture { get; set; }
}
