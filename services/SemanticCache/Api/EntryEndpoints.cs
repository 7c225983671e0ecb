using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Deciding;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticMatching.Questions;
using Gateway.ServiceDefaults.Problems;

namespace Gateway.SemanticCache.Api;

/// <summary>What people look at and delete: entries and statistics.</summary>
internal static class EntryEndpoints
{
    private const int SearchedPages = 50;
    private const int DomainsShown = 50;

    public static async Task ListAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var (query, fault) = EntryQuery.Read(context.Request.Query, deleting: false, services.GetRequiredService<TimeProvider>().GetUtcNow());
        if (query is null)
        {
            await CacheEndpoints.RefuseAsync(context, fault!);
            return;
        }

        await GuardAsync(context, async store =>
        {
            var (found, next) = await FindAsync(store, query, context.RequestAborted);
            var book = services.GetRequiredService<EvidenceBook>();
            var list = new CacheEntryList { Entries = [.. found.Select(e => View(e, store, book, answer: false))], Next = next };
            await context.Response.WriteAsJsonAsync(list, ContractsJson.Default.CacheEntryList, cancellationToken: context.RequestAborted);
        });
    }

    public static Task GetAsync(HttpContext context) => GuardAsync(context, async store =>
    {
        if (await OneAsync(context, store) is not { } entry)
        {
            await NotFoundAsync(context);
            return;
        }

        var view = View(entry, store, context.RequestServices.GetRequiredService<EvidenceBook>(), answer: true);
        await context.Response.WriteAsJsonAsync(view, ContractsJson.Default.CacheEntryView, cancellationToken: context.RequestAborted);
    });

    public static Task DeleteAsync(HttpContext context) => GuardAsync(context, async store =>
    {
        long deleted = AnswerId(context) is { } answer ? await store.DeleteAsync(new EntryFilter { Answer = answer }, context.RequestAborted)
            : Id(context) is { } id && await store.DeleteAsync(id, context.RequestAborted) ? 1 : 0;
        Forget(context);
        await AnswerDeletedAsync(context, deleted);
    });

    public static async Task PurgeAsync(HttpContext context)
    {
        var (query, fault) = EntryQuery.Read(context.Request.Query, deleting: true, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        if (query is null)
        {
            await CacheEndpoints.RefuseAsync(context, fault!);
            return;
        }

        await GuardAsync(context, async store =>
        {
            var deleted = await store.DeleteAsync(query.Filter, context.RequestAborted);
            Forget(context);
            await AnswerDeletedAsync(context, deleted);
        });
    }

    public static async Task StatsAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var (book, store) = (services.GetRequiredService<EvidenceBook>(), services.GetRequiredService<IEntryStore>());
        var wanted = context.Request.Query["domain"].ToString();
        if (wanted.Length > 0 && RequestCheck.Hash(wanted, "The query's 'domain'") is { } fault)
        {
            await CacheEndpoints.RefuseAsync(context, fault);
            return;
        }

        StoreSize size;
        try
        {
            size = await store.SizeAsync(context.RequestAborted);
        }
        catch (StoreFault)
        {
            size = new StoreSize(-1, -1, -1, 0);
        }

        var domains = book.Domains.Select(static d => (Domain: d, Stats: d.Stats())).ToList();
        var one = domains.Find(d => d.Domain.Id == wanted);
        var stats = services.GetRequiredService<CacheCounters>().Stats(book) with
        {
            Entries = size.Entries,
            MemoryBytes = size.MemoryBytes,
            DiskBytes = size.DiskBytes,
            Evicted = size.Evicted,
            Store = store.Name,
            Embedding = services.GetRequiredService<IEmbeddingSource>().Id,
            DomainsOverBound = domains.Count(static d => d.Stats.OverBound),
            Domains = wanted.Length > 0
                ? one.Stats is null ? [] : [one.Stats]
                : [.. domains.Select(static d => d.Stats).OrderByDescending(static d => d.Lookups).Take(DomainsShown)],
            NearMisses = one.Domain?.NearMisses() ?? [],
        };
        await context.Response.WriteAsJsonAsync(stats, ContractsJson.Default.CacheStats, cancellationToken: context.RequestAborted);
    }

    /// <summary>A page, or what of the first pages has all words of the text.</summary>
    private static async Task<(IReadOnlyList<CacheEntry> Entries, string? Next)> FindAsync(IEntryStore store, EntryQuery query, CancellationToken cancellationToken)
    {
        if (query.Text is null)
        {
            var page = await store.ListAsync(query.Filter, query.After, query.Limit, cancellationToken);
            return (page.Entries, page.Next);
        }

        var words = QuestionText.Normalize(query.Text).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (found, after) = (new List<CacheEntry>(), query.After);
        for (var pages = 0; pages < SearchedPages; pages++)
        {
            // No more at once than still fit: a page is either taken whole or not at all.
            var page = await store.ListAsync(query.Filter, after, Math.Min(200, query.Limit - found.Count), cancellationToken);
            found.AddRange(page.Entries.Where(e => Array.TrueForAll(words, w => e.Text.Contains(w, StringComparison.OrdinalIgnoreCase))));
            after = page.Next;
            if (after is null || found.Count >= query.Limit)
            {
                break;
            }
        }

        return (found, after);
    }

    private static CacheEntryView View(CacheEntry entry, IEntryStore store, EvidenceBook book, bool answer)
    {
        var outcomes = book.Domains.Select(d => d.With(e => e.Of(entry.Id))).Aggregate((Right: 0, Wrong: 0), static (sum, o) => (sum.Right + o.Right, sum.Wrong + o.Wrong));
        return new CacheEntryView
        {
            Id = entry.Id.ToString("N"),
            Partition = entry.Partition,
            AnswerId = entry.AnswerId,
            Text = entry.Text,
            Facts = entry.Facts,
            Embedding = entry.Embedding,
            Stored = DateTimeOffset.FromUnixTimeSeconds(entry.StoredAt),
            Expires = DateTimeOffset.FromUnixTimeSeconds(entry.ExpiresAt),
            Hits = store.Hits(entry.Id),
            Bytes = entry.Answer.Body.Length,
            CostNano = entry.Answer.CostNano,
            Right = outcomes.Right,
            Wrong = outcomes.Wrong,
            Answer = answer ? entry.Answer : null,
        };
    }

    /// <summary>The entry that the address names, by its own id or by that of its answer.</summary>
    private static async ValueTask<CacheEntry?> OneAsync(HttpContext context, IEntryStore store)
        => AnswerId(context) is { } answer ? (await store.ListAsync(new EntryFilter { Answer = answer }, null, 1, context.RequestAborted)).Entries is [var found, ..] ? found : null
            : Id(context) is { } id ? await store.GetAsync(id, context.RequestAborted) : null;

    private static string? AnswerId(HttpContext context)
        => context.Request.RouteValues["id"] is string id && RequestCheck.Hash(id, "") is null ? id : null;

    private static Guid? Id(HttpContext context) => Guid.TryParse(context.Request.RouteValues["id"] as string, out var id) ? id : null;

    // Look-ups hold questions for some minutes: what is deleted must not lie there either.
    private static void Forget(HttpContext context)
    {
        context.RequestServices.GetRequiredService<LookupMemory>().Clear();
        foreach (var domain in context.RequestServices.GetRequiredService<EvidenceBook>().Domains)
        {
            domain.ForgetNearMisses();
        }
    }

    private static async Task GuardAsync(HttpContext context, Func<IEntryStore, Task> act)
    {
        try
        {
            await act(context.RequestServices.GetRequiredService<IEntryStore>());
        }
        catch (StoreFault fault)
        {
            await context.WriteProblemAsync(
                StatusCodes.Status503ServiceUnavailable, fault.Reason, "The cache's store does not answer.", "Try again; nothing may have changed, or a part of it.");
        }
    }

    private static Task NotFoundAsync(HttpContext context) => context.WriteProblemAsync(
        StatusCodes.Status404NotFound, "entry_not_found", "There is no such entry.", "It may have expired or made room for another.");

    private static Task AnswerDeletedAsync(HttpContext context, long deleted) => context.Response.WriteAsJsonAsync(
        new CacheDeleteResponse { Deleted = deleted }, ContractsJson.Default.CacheDeleteResponse, cancellationToken: context.RequestAborted);
}
