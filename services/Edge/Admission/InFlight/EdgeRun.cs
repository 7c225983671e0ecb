namespace Gateway.Edge.Admission.InFlight;

/// <summary>This run of the edge.</summary>
/// <param name="Epoch">Its start in microseconds since 1970-01-01 UTC, higher than that of any run before.</param>
/// <param name="RecordPrefix">Random upper half of the ids of its records.</param>
internal sealed record EdgeRun(long Epoch, ulong RecordPrefix);
