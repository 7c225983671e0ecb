using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
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
/// Bills a batch when its results are first seen. The record's id follows from the batch, so that the ledger takes it once however many edges see them; this edge remembers what it has
/// billed, so that it counts it once against budgets too.
/// </summary>
internal sealed class BatchSettlement(ProviderCalls calls, SettledBatches settled, IUsageJournal journal, EdgeRun run, EdgeMetrics metrics, TimeProvider time)
{
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
    /// <param name="keyId">The key that made it.</param>
    /// <param name="model">The public model.</param>
    /// <returns>Why it could not be billed: then its results must not be seen.</returns>
    public async ValueTask<Failure?> RunAsync(RequestContext context, DeploymentRuntime holder, JsonObject batch, string keyId, string model)
    {
        var hasResults = ObjectAnswers.Text(batch, "output_file_id") is not null;
        if (ObjectAnswers.Text(batch, "id") is not { } id
            || !(ObjectAnswers.Text(batch, "status") == "completed" || (hasResults && ObjectAnswers.Text(batch, "status") is "expired" or "cancelled" or "failed")))
        {
            return null;
        }

        var recordId = RecordId(holder.Provider.Id, id);
        if (settled.Contains(recordId))
        {
            return null;
        }

        using var turn = await settled.EnterAsync(recordId, context.Http.RequestAborted).ConfigureAwait(false);
        if (settled.Contains(recordId))
        {
            return null;
        }

        var (usage, failure) = await ReadAsync(context, holder, batch).ConfigureAwait(false);
        if (failure is not null)
        {
            return failure;
        }

        if (!Record(context, holder, batch, recordId, keyId, model, usage))
        {
            metrics.CountLostRecord();
            return new Failure(GatewayError.LedgerUnavailable, Step.Settle, "The usage journal cannot take the cost of this batch; try again in a moment.") { RetryAfter = TimeSpan.FromSeconds(1) };
        }

        await settled.AddAsync(recordId).ConfigureAwait(false);
        return null;
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

    private bool Record(RequestContext context, DeploymentRuntime holder, JsonObject batch, UInt128 recordId, string keyId, string model, in Usage usage)
    {
        var deployment = ModelDeployments.Find(context.Model, holder, model, out var name);
        var key = context.Model.FindKeyById(Encoding.UTF8.GetBytes(keyId)) ?? context.Key!;
        var set = key.Budgets.For(model, key.Identity.Tags, key.Identity.TagsText);
        var provider = set.IndexOf(holder.Provider.Id);
        var charged = provider < 0 ? set.Accounts : [.. set.Accounts, .. set.Providers[provider].Accounts];
        var tokens = usage.Tokens;
        var now = time.GetUtcNow();
        var query = new PriceQuery(name, key.Identity.CustomerId, (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        var cost = deployment.Pricing.Cost(query, tokens, default, ServiceTier.Batch, out var version, Math.Max(1, Completed(batch)));
        var entry = new UsageEntry
        {
            GivenId = recordId,
            StartedAtMicros = (now.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond,
            CostNanoUsd = cost,
            InputTokens = tokens.Input,
            CacheReadTokens = tokens.CacheRead,
            CacheWriteTokens = tokens.CacheWrite,
            OutputTokens = tokens.Output,
            ReasoningTokens = tokens.Reasoning,
            AudioInputTokens = tokens.AudioInput,
            AudioOutputTokens = tokens.AudioOutput,
            CacheWriteHourTokens = tokens.CacheWriteHour,
            ImageInputTokens = tokens.ImageInput,
            ImageCacheReadTokens = tokens.ImageCacheRead,
            ImageOutputTokens = tokens.ImageOutput,
            AudioCacheReadTokens = tokens.AudioCacheRead,
            Tier = ServiceTier.Batch,
            Status = StatusCodes.Status200OK,
            Operation = Operation.Batch,
            Outcome = RequestOutcome.Completed,
            Estimated = usage.Estimated,
            KeyId = key.Id,
            TeamId = key.TeamId,
            Model = model,
            DeploymentId = deployment.Id,
            ProviderId = holder.Provider.Id,
            CredentialId = deployment.CredentialId,
            PriceVersion = version,
            Budgets = set.NamesFor(provider < 0 ? 0 : 1UL << provider),
            Epoch = run.Epoch,
            UserId = key.Identity.UserId,
            CustomerId = key.Identity.CustomerId,
            Tags = key.Identity.TagsText,
        };
        if (!journal.TryAppend(entry))
        {
            return false;
        }

        foreach (var account in charged)
        {
            account.Settle(entry.StartedAtMicros, 0, cost);
        }

        return true;
    }

    private static long Completed(JsonObject batch) =>
        batch["request_counts"] is JsonObject counts && counts["completed"] is JsonValue value && value.TryGetValue(out long completed) ? completed : 1;

    private readonly record struct Usage(TokenCounts Tokens, bool Estimated);
}
