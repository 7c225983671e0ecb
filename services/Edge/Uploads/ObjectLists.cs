using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Uploads;

/// <summary>Lists of what is the caller's, picked from the lists of the accounts, one account after the other.</summary>
internal sealed class ObjectLists(ProviderCalls calls, ObjectAnswers answers)
{
    // What is not found within this many pages is not listed.
    private const int MaxPages = 50;

    private static readonly string[] _filters = ["purpose", "order"];

    /// <param name="context">The request.</param>
    /// <param name="operation">Files or batches.</param>
    /// <param name="prefix">Prefix of the ids.</param>
    /// <param name="pageSize">How many entries are asked for at once; also most of an answer.</param>
    /// <param name="take">Makes an entry the caller's; false when it is another's.</param>
    public async ValueTask<Failure?> ListAsync(RequestContext context, UpstreamOperation operation, string prefix, int pageSize, Func<DeploymentRuntime, JsonObject, ValueTask<(bool, Failure?)>> take)
    {
        var query = context.Http.Request.Query;
        if (Holders.Usable(context, out var holders) is { } unusable)
        {
            return unusable;
        }

        if (query["limit"].ToString() is { Length: > 0 } text && !(int.TryParse(text, CultureInfo.InvariantCulture, out var asked) && asked is > 0 and <= 10_000))
        {
            return new Failure(GatewayError.ValueInvalid, Step.Envelope, "'limit' must be a whole number from 1 to 10000.") { Param = "limit" };
        }

        var limit = int.TryParse(query["limit"].ToString(), CultureInfo.InvariantCulture, out var given) ? Math.Min(given, pageSize) : pageSize;
        var after = "";
        if (query["after"].ToString() is { Length: > 0 } cursor)
        {
            if (answers.Find(context, cursor, prefix, out var from, out after) is { } missing)
            {
                return missing;
            }

            holders = [.. holders.SkipWhile(h => Holders.Id(h) != Holders.Id(from!))];
        }

        var filter = string.Concat(_filters.Where(n => query[n].ToString().Length > 0).Select(n => $"&{n}={Uri.EscapeDataString(query[n].ToString())}"));
        var page = new Page(context, operation, limit, take);
        ProviderReply? refused = null;
        var answered = false;
        foreach (var holder in holders)
        {
            var reply = await ReadAsync(page, holder, filter, after, pageSize).ConfigureAwait(false);
            after = "";
            if (page.Failure is not null)
            {
                return page.Failure;
            }

            // Many providers speak OpenAI's dialect and have no files; who names none does not mean those.
            if (!reply.IsGood)
            {
                refused ??= reply;
                if (reply.Failure is not null)
                {
                    return reply.Failure;
                }
            }

            answered |= reply.IsGood;
            if (page.HasMore)
            {
                break;
            }
        }

        if (!answered && refused is not null)
        {
            return await answers.RefuseAsync(context, refused).ConfigureAwait(false);
        }

        await answers.WriteAsync(context, new JsonObject
        {
            ["object"] = "list",
            ["first_id"] = page.Entries.Count == 0 ? null : page.Entries[0]!["id"]!.DeepClone(),
            ["last_id"] = page.Entries.Count == 0 ? null : page.Entries[^1]!["id"]!.DeepClone(),
            ["has_more"] = page.HasMore,
            ["data"] = page.Entries,
        }).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<ProviderReply> ReadAsync(Page page, DeploymentRuntime holder, string filter, string after, int pageSize)
    {
        while (true)
        {
            var suffix = string.Create(CultureInfo.InvariantCulture, $"?limit={pageSize}{filter}{(after.Length == 0 ? "" : "&after=" + Uri.EscapeDataString(after))}");
            var reply = await calls.SendAsync(page.Context, holder, page.Operation, suffix, HttpMethod.Get).ConfigureAwait(false);
            page.Pages++;
            if (!reply.IsGood || reply.Json!["data"] is not JsonArray data)
            {
                return reply;
            }

            var last = after;
            foreach (var entry in data.OfType<JsonObject>().ToList())
            {
                last = ObjectAnswers.Text(entry, "id") ?? last;
                if (!await page.AddAsync(holder, entry).ConfigureAwait(false))
                {
                    return reply;
                }
            }

            // A provider that does not know 'after' gives the same page again.
            if (reply.Json["has_more"] is not JsonValue more || !more.TryGetValue(out bool hasMore) || !hasMore || last == after || page.Pages >= MaxPages)
            {
                return reply;
            }

            after = last;
        }
    }

    private sealed class Page(RequestContext context, UpstreamOperation operation, int limit, Func<DeploymentRuntime, JsonObject, ValueTask<(bool, Failure?)>> take)
    {
        public RequestContext Context => context;

        public UpstreamOperation Operation => operation;

        public JsonArray Entries { get; } = [];

        public bool HasMore { get; private set; }

        public int Pages { get; set; }

        public Failure? Failure { get; private set; }

        /// <returns>False when no more are wanted.</returns>
        public async ValueTask<bool> AddAsync(DeploymentRuntime holder, JsonObject entry)
        {
            var (isOwn, failure) = await take(holder, entry).ConfigureAwait(false);
            Failure = failure;
            if (failure is not null || !isOwn)
            {
                return failure is null;
            }

            if (Entries.Count == limit)
            {
                HasMore = true;
                return false;
            }

            Entries.Add(entry.DeepClone());
            return true;
        }
    }
}
