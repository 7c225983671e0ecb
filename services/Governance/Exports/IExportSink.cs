namespace Gateway.Governance.Exports;

/// <summary>What became of a delivery.</summary>
/// <param name="Problem">What went wrong, without secrets; null for nothing.</param>
/// <param name="Refused">True when the receiver will not take these records however often they are sent.</param>
/// <param name="Wait">How long the receiver wants to be left alone, or null.</param>
internal readonly record struct ExportOutcome(string? Problem, bool Refused = false, TimeSpan? Wait = null);

/// <summary>A place that records go to.</summary>
internal interface IExportSink
{
    /// <summary>Delivers; what it has taken is durable there, as far as it can be known, when this returns without a problem.</summary>
    Task<ExportOutcome> SendAsync(IReadOnlyList<ExportRow> rows, CancellationToken cancellation);
}
