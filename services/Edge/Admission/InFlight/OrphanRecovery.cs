using System.Globalization;
using Gateway.Contracts.Usage;
using Gateway.Edge.Journal;

namespace Gateway.Edge.Admission.InFlight;

/// <summary>
/// Settles the requests that were running when an earlier run of the edge was killed: each by a record that is an estimate from above, under the id that the request's own
/// record would have had, so that it is counted once even if this start is killed too.
/// </summary>
internal sealed partial class OrphanRecovery(InFlightSlots slots, UsageJournal journal, ILogger<OrphanRecovery> logger)
{
    // The least text that a token stands for, so that output is not estimated below what it was.
    private const int LeastBytesPerToken = 1;

    private readonly Lock _lock = new();
    private JournalPosition? _end;

    /// <summary>Where in the journal the records of earlier runs end; null until they are all in it.</summary>
    public JournalPosition? End => _end;

    /// <summary>Writes what is missing, once the journal can take it.</summary>
    /// <returns>True when it is done.</returns>
    public bool TryRun()
    {
        lock (_lock)
        {
            if (_end is not null)
            {
                return true;
            }

            if (journal.EdgeId is null || journal.NotReadyReason is not null)
            {
                return false;
            }

            HashSet<string>? recorded = null;
            foreach (var index in slots.Orphans)
            {
                if (!TrySettle(index, ref recorded))
                {
                    return false;
                }
            }

            _end = journal.CurrentPosition;
            if (slots.Orphans.Count > 0)
            {
                LogSettled(slots.Orphans.Count);
            }

            return true;
        }
    }

    private unsafe bool TrySettle(int index, ref HashSet<string>? recorded)
    {
        var at = slots.At(index);
        var state = (SlotState)(*(int*)at);
        if (state == SlotState.Free)
        {
            return true;
        }

        var id = new UInt128(*(ulong*)(at + SlotLayout.RecordIdHighAt), *(ulong*)(at + SlotLayout.RecordIdLowAt));
        // Only a request whose record was being written may be in the journal already.
        if (state == SlotState.Settling)
        {
            recorded ??= Recorded();
            if (recorded.Contains(id.ToString("x32", CultureInfo.InvariantCulture)))
            {
                slots.Release(index);
                return true;
            }
        }

        var entry = Entry(at, id);
        if (!journal.TryAppend(entry))
        {
            return false;
        }

        slots.Release(index);
        return true;
    }

    private HashSet<string> Recorded() => [.. journal.EnumerateFrom(JournalPosition.Start).Select(static i => i.Record.Id)];

    private static unsafe UsageEntry Entry(byte* at, UInt128 id)
    {
        var flags = *(int*)(at + SlotLayout.FlagsAt);
        var wasCalled = (flags & SlotLayout.CalledFlag) != 0;
        var outputTokens = (*(long*)(at + SlotLayout.OutputBytesAt) + LeastBytesPerToken - 1) / LeastBytesPerToken;
        var estimate = *(long*)(at + SlotLayout.PromptNanoUsdAt) + (long)((Int128)outputTokens * *(long*)(at + SlotLayout.OutputPerMillionAt) / 1_000_000) + 1;
        var cost = !wasCalled ? 0 : (flags & SlotLayout.BudgetsFlag) != 0 ? Math.Max(*(long*)(at + SlotLayout.HeldAt), 0) : estimate;
        var version = SlotLayout.Read(at, SlotText.PriceVersion);
        return new UsageEntry
        {
            GivenId = id,
            StartedAtMicros = *(long*)(at + SlotLayout.StartedAt),
            Epoch = *(long*)(at + SlotLayout.EpochAt),
            CostNanoUsd = version.Length == 0 ? 0 : cost,
            InputTokens = wasCalled ? *(long*)(at + SlotLayout.PromptTokensAt) : 0,
            OutputTokens = wasCalled ? outputTokens : 0,
            Attempts = wasCalled ? 1 : 0,
            Operation = (Operation)(*(int*)(at + SlotLayout.OperationAt)),
            Outcome = RequestOutcome.GatewayKilled,
            Stream = (flags & SlotLayout.StreamFlag) != 0,
            Estimated = wasCalled,
            KeyId = SlotLayout.Read(at, SlotText.Key),
            TeamId = SlotLayout.Read(at, SlotText.Team),
            UserId = SlotLayout.Read(at, SlotText.User),
            CustomerId = SlotLayout.Read(at, SlotText.Customer),
            EndUser = SlotLayout.Read(at, SlotText.EndUser),
            SessionId = SlotLayout.Read(at, SlotText.Session),
            Model = SlotLayout.Read(at, SlotText.Model),
            Route = SlotLayout.Read(at, SlotText.Route),
            DeploymentId = SlotLayout.Read(at, SlotText.Deployment),
            ProviderId = SlotLayout.Read(at, SlotText.Provider),
            CredentialId = SlotLayout.Read(at, SlotText.Credential),
            PriceVersion = version,
            Tags = SlotLayout.Read(at, SlotText.Tags),
            Budgets = SlotLayout.Read(at, SlotText.Budgets),
        };
    }

    [LoggerMessage(LogLevel.Warning, "{Count} requests were running when this edge was killed; they are recorded with an estimate from above")]
    private partial void LogSettled(int count);
}
