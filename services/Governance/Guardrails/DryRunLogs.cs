using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.RequestLog;
using Gateway.Contracts.Usage;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.RequestLog.Search;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Records;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Requests;

namespace Gateway.Governance.Guardrails;

/// <summary>Replays what the request log has of what was said: as far as the actor may read it, and noted in the audit log.</summary>
internal sealed class DryRunLogs(Database database, LogSearch search, LogSecrets secrets, ConfigStore store, UsageReach reach, ICurrentActor actors, IAccessLog access)
{
    private const int PageSize = 100;

    // Requests without bodies are passed over; a search that finds hardly any ends here.
    private const int MostPages = 200;

    /// <summary>Replays requests, newest first.</summary>
    /// <returns>Why the actor may not; null when it was done.</returns>
    public async Task<Problem?> ReplayAsync(UsageRecordFilter filter, int most, DryRunReplay replay, HttpContext context)
    {
        var actor = actors.Current;
        if (PermissionTable.Of(actor.Role, "logBody", AccessAction.Read) == Reach.None)
        {
            return AccessProblems.Forbidden(actor, "logBody", AccessAction.Read);
        }

        var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        var (own, outside) = reach.Limit(filter, state);
        if (outside is not null)
        {
            return outside;
        }

        access.Note(new AccessEvent(actor, "search", "logBody", "", $"{context.Request.Method} {context.Request.Path}", Denied: false, "dry-run"));
        LogCursor? after = null;
        var done = 0;
        for (var page = 0; page < MostPages && done < most; page++)
        {
            var found = await search.PageAsync(new LogQuestion(own, [], null), after, PageSize, context.RequestAborted).ConfigureAwait(false);
            foreach (var item in found.Items.Where(static i => i.HasBodies))
            {
                if (done < most && await ReadAsync(item, state, context.RequestAborted).ConfigureAwait(false) is { } one)
                {
                    await replay.RunAsync(one, context.RequestAborted).ConfigureAwait(false);
                    done++;
                }
            }

            if (found.Next is null || !LogCursor.TryRead(found.Next, false, out var next))
            {
                break;
            }

            after = next;
        }

        return null;
    }

    private async Task<DryRunCase?> ReadAsync(LogItem item, ConfigState state, CancellationToken cancellation)
    {
        var (body, keys) = await LogMonths.ReadAsync(
            database,
            async session =>
            {
                var (_, found, month) = await LogRows.FindAsync(session, item.Id).ConfigureAwait(false);
                return (found, found is null ? null : await secrets.FindAsync(session, month).ConfigureAwait(false));
            },
            cancellation).ConfigureAwait(false);
        if (body is null || keys is null || !reach.Covers(body.KeyId, body.Team, body.Customer, state) || BodySeal.Open(keys, item.Id, body.Sealed) is not { } bodies)
        {
            return null;
        }

        var place = item.Record?.Operation == Operation.Embedding ? GuardrailScope.Embedding : GuardrailScope.Input;
        return new DryRunCase(TextsOf(bodies.Request, place), TextsOf(bodies.Answer, GuardrailScope.Output), item.Id, item.Record?.CostNanoUsd ?? 0);
    }

    private static List<GuardText> TextsOf(LoggedBody? body, GuardrailScope place)
    {
        if (body is not { Text.Length: > 0 })
        {
            return [];
        }

        var json = Encoding.UTF8.GetBytes(body.Text);
        var isRead = place == GuardrailScope.Output ? RequestTexts.TryReadAnswer(json, out var texts) : RequestTexts.TryRead(json, place, isPlainData: false, out texts);

        // What was cut is no JSON any more; it is a text all the same.
        return isRead
            ? [.. texts!.All.Where(static t => t.Length > 0 && t.Form != TextForm.Tells).Select(static t => t.Text)]
            : [new GuardText(body.Text, place) { Source = place == GuardrailScope.Output ? GuardSource.Assistant : GuardSource.User }];
    }
}
