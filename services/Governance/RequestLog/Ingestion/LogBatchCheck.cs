using System.Buffers;
using Gateway.Contracts.RequestLog;
using Gateway.Governance.Api;
using Gateway.Governance.RequestLog.Storage;

namespace Gateway.Governance.RequestLog.Ingestion;

/// <summary>What a batch must look like. A batch with one wrong entry is refused whole; its edge finds out which one it is.</summary>
internal static class LogBatchCheck
{
    public const int MostEntries = 500;
    private const int IdLength = 128;
    private const int EndUserLength = 256;
    private const int MessageLength = 4_000;
    private const int DecisionLength = 64 * 1024;
    private const int BodyLength = 4 * 1024 * 1024;
    private const int MostItems = 100;
    private const int ItemLength = 1_000;
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public static FieldErrors Check(RequestLogBatch batch)
    {
        var errors = new FieldErrors();
        if (batch.EdgeId.Length is 0 or > IdLength)
        {
            errors.Add("edgeId", $"must have 1 to {IdLength} characters.");
        }

        if (batch.Entries.Count > MostEntries)
        {
            errors.Add("entries", $"has {batch.Entries.Count} entries; at most {MostEntries} are taken at once.");
            return errors;
        }

        for (var i = 0; i < batch.Entries.Count; i++)
        {
            Check(batch.Entries[i], i, errors);
        }

        return errors;
    }

    private static void Check(RequestLogEntry entry, int index, FieldErrors errors)
    {
        Require(entry.Id.Length == 32 && entry.Id.AsSpan().IndexOfAnyExcept(Hex) < 0, "id", "must be 32 lower-case hex digits.");
        Require(entry.StartedAtMicros is >= 0 and < LogPlace.MostMicros, "startedAtMicros", "must be microseconds since 1970-01-01 UTC, before the year 2255.");
        foreach (var (name, text, most) in (ReadOnlySpan<(string, string, int)>)
            [("requestId", entry.RequestId, IdLength), ("keyId", entry.KeyId, IdLength), ("teamId", entry.TeamId, IdLength), ("customerId", entry.CustomerId, IdLength),
                ("endUser", entry.EndUser, EndUserLength), ("sessionId", entry.SessionId, IdLength), ("model", entry.Model, ItemLength), ("fault", entry.Fault, IdLength), ("step", entry.Step, IdLength),
                ("message", entry.Message, MessageLength), ("finishReason", entry.FinishReason, MessageLength), ("clientAddress", entry.ClientAddress, IdLength), ("userAgent", entry.UserAgent, ItemLength),
                ("decision", entry.Decision, DecisionLength), ("request.text", entry.Request?.Text ?? "", BodyLength), ("answer.text", entry.Answer?.Text ?? "", BodyLength)])
        {
            Require(text.Length <= most, name, $"must have at most {most} characters.");
        }

        foreach (var (name, items) in (ReadOnlySpan<(string, IReadOnlyList<string>)>)[("notes", entry.Notes), ("dropped", entry.Dropped)])
        {
            Require(items.Count <= MostItems && items.All(i => i is { Length: <= ItemLength }), name, $"must have at most {MostItems} items of {ItemLength} characters.");
        }

        void Require(bool good, string field, string message)
        {
            if (!good)
            {
                errors.Add($"entries[{index}].{field}", message);
            }
        }
    }
}
