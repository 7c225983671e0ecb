using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Accounts;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.InFlight;
using Gateway.Edge.Errors;
using Gateway.Edge.Journal;
using Gateway.Edge.Passthrough;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Prices;
using Gateway.Edge.Runtime;
using Gateway.Edge.Telemetry;

namespace Gateway.Edge.Uploads;

/// <summary>
/// Bills a batch when its results are first seen, and gives back what was charged when it was made. The ids of both records follow from the batch, so that the ledger takes them once however
/// many edges see it; this edge remembers what it has billed, so that it counts it once against budgets too.
/// </summary>
internal sealed class BatchSettlement(ProviderCalls calls, SettledBatches settled, IUsageJournal journal, EdgeRun run, EdgeMetrics metrics, TimeProvider time)
{
    // No run of any edge: what is given back was not spent out of a lease.
    private const long NoEpoch = 1;

    /// <summary>The id of the record that a batch is billed with.</summary>
    public static UInt128 RecordId(string providerId, string batchId)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{providerId}\n{batchId}"));
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>Bills the batch, if it has ended and was not billed yet.</summary>
    /// <param name="context">The request that sees it.</param>
    /// <param name="holder">The account.</param>
    /// <param name="batch">The batch as the provider describes it.</param>
    /// <param name="owner">Who is billed.</param>
    /// <returns>Why it could not be billed: then its results must not be seen.</returns>
    public async ValueTask<Failure?> RunAsync(RequestContext context, DeploymentRuntime holder, JsonObject batch, BatchOwner owner)
    {
        if (ObjectAnswers.Text(batch, "id") is not { } id || ObjectAnswers.Text(batch, "status") is not ("completed" or "expired" or "cancelled" or "failed"))
        {
            return null;
        }

        if (ObjectAnswers.Text(batch, "status") == "completed" || ObjectAnswers.Text(batch, "output_file_id") is not null)
        {
            var failure = await OnceAsync(context, RecordId(holder.Provider.Id, id), recordId => BillAsync(context, holder, batch, recordId, owner)).ConfigureAwait(false);
            if (failure is not null)
            {
                return failure;
            }
        }

        // After the bill, so that at no moment less is charged than the batch costs.
        return owner.Hold.NanoUsd == 0
            ? null
            : await OnceAsync(context, RecordId(holder.Provider.Id, id + "\nhold"), recordId => ValueTask.FromResult(GiveBack(context, holder, recordId, owner) ? null : LedgerUnavailable())).ConfigureAwait(false);
    }

    private async ValueTask<Failure?> OnceAsync(RequestContext context, UInt128 recordId, Func<UInt128, ValueTask<Failure?>> record)
    {
        if (settled.Contains(recordId))
        {
            return null;
        }

        using var turn = await settled.EnterAsync(recordId, context.Http.RequestAborted).ConfigureAwait(false);
        if (settled.Contains(recordId))
        {
            return null;
        }

        if (await record(recordId).ConfigureAwait(false) is { } failure)
        {
            return failure;
        }

        await settled.AddAsync(recordId).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<Failure?> BillAsync(RequestContext context, DeploymentRuntime holder, JsonObject batch, UInt128 recordId, BatchOwner owner)
    {
        var (usage, failure) = await ReadAsync(context, holder, batch).ConfigureAwait(false);
        return failure ?? (Record(context, holder, batch, recordId, owner, usage) ? null : LedgerUnavailable());
    }

    private Failure LedgerUnavailable()
    {
        metrics.CountLostRecord();
        return new Failure(GatewayError.LedgerUnavailable, Step.Settle, "The usage journal cannot take the cost of this batch; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) };
    }

    private async ValueTask<(Usage Usage, Failure? Failure)> ReadAsync(RequestContext context, DeploymentRuntime holder, JsonObject batch)
    {
        if (UsageFinder.TryRead(Encoding.UTF8.GetBytes(batch.ToJsonString()), out var reported, out _) && reported.Total > 0)
        {
            return (new Usage(reported, false), null);
        }

        if (ObjectAnswers.Text(batch, "output_file_id") is not { } file)
        {
            // Every request of it failed.
            return (default, null);
        }

        var results = new BatchResults();
        var reply = await calls.ReadAsync(context, holder, FileOperations.Suffix(file) + "/content", results.ReadAsync).ConfigureAwait(false);
        return reply switch
        {
            { IsGood: true } => (new Usage(results.Tokens, results.IsPartial), null),
            // The results are gone, and nobody can see them any more.
            { Status: StatusCodes.Status404NotFound } => (new Usage(default, true), null),
            { Failure: { } failure } => (default, failure),
            _ => (default, new Failure(GatewayError.UpstreamInvalid, Step.Settle, $"The provider '{holder.Provider.Id}' does not show the results that this batch is to be billed by (status {reply.Status}); try again.")),
        };
    }

    private bool Record(RequestContext context, DeploymentRuntime holder, JsonObject batch, UInt128 recordId, BatchOwner owner, in Usage usage)
    {
        var tokens = usage.Tokens;
        var now = NowMicros();
        var (entry, deployment, name) = Entry(context, holder, recordId, owner);
        var accounts = Accounts(context, holder, owner, out var key);
        var cost = deployment.Pricing.Cost(new PriceQuery(name, key.Identity.CustomerId, now), tokens, default, ServiceTier.Batch, out var version, Math.Max(1, Completed(batch)));
        entry = entry with
        {
            StartedAtMicros = now,
            CostNanoUsd = cost,
            Estimated = usage.Estimated,
            PriceVersion = version,
            Budgets = Names(accounts),
            Epoch = run.Epoch,
        };
        entry.Take(tokens);
        if (!journal.TryAppend(entry))
        {
            return false;
        }

        foreach (var account in accounts)
        {
            account.Settle(now, 0, cost);
        }

        return true;
    }

    private bool GiveBack(RequestContext context, DeploymentRuntime holder, UInt128 recordId, BatchOwner owner)
    {
        var hold = owner.Hold;
        var accounts = Accounts(context, holder, owner, out _).Where(a => hold.Charged(a)).ToList();
        var (entry, deployment, name) = Entry(context, holder, recordId, owner);
        entry = entry with
        {
            StartedAtMicros = hold.StartedAtMicros,
            CostNanoUsd = -hold.NanoUsd,
            Estimated = true,
            PriceVersion = deployment.Pricing.Price(new PriceQuery(name, entry.CustomerId ?? "", hold.StartedAtMicros))?.Version,
            Budgets = Names(accounts),
            Epoch = NoEpoch,
        };
        if (!journal.TryAppend(entry))
        {
            return false;
        }

        foreach (var account in accounts)
        {
            account.GiveBack(hold.StartedAtMicros, hold.NanoUsd);
        }

        return true;
    }

    private static List<BudgetAccount> Accounts(RequestContext context, DeploymentRuntime holder, BatchOwner owner, out KeyRuntime key)
    {
        key = context.Model.FindKeyById(Encoding.UTF8.GetBytes(owner.KeyId)) ?? context.Key!;
        return [.. BatchCharges.Accounts(key.Budgets.For(owner.Model, key.Identity.Tags, key.Identity.TagsText), holder.Provider.Id)];
    }

    private static string Names(List<BudgetAccount> accounts) => string.Join(' ', accounts.Select(static a => a.Name));

    private (UsageEntry Entry, DeploymentRuntime Deployment, string Name) Entry(RequestContext context, DeploymentRuntime holder, UInt128 recordId, BatchOwner owner)
    {
        var deployment = ModelDeployments.Find(context.Model, holder, owner.Model, out var name);
        Accounts(context, holder, owner, out var key);
        var entry = new UsageEntry
        {
            GivenId = recordId,
            Tier = ServiceTier.Batch,
            Status = StatusCodes.Status200OK,
            Operation = Operation.Batch,
            Outcome = RequestOutcome.Completed,
            KeyId = key.Id,
            TeamId = key.TeamId,
            Model = owner.Model,
            DeploymentId = deployment.Id,
            ProviderId = holder.Provider.Id,
            CredentialId = deployment.CredentialId,
            UserId = key.Identity.UserId,
            CustomerId = key.Identity.CustomerId,
            Tags = key.Identity.TagsText,
        };
        return (entry, deployment, name);
    }

    private long NowMicros() => (time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static long Completed(JsonObject batch) =>
        batch["request_counts"] is JsonObject counts && counts["completed"] is JsonValue value && value.TryGetValue(out long completed) ? completed : 1;

    private readonly record struct Usage(TokenCounts Tokens, bool Estimated);
}
