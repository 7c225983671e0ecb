using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Edge.Caching.Keys;
using Gateway.Edge.Caching.Purges;
using Gateway.Edge.Caching.Replay;
using Gateway.Edge.Caching.Shared;
using Gateway.Edge.Pipeline;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.Resilience;

namespace Gateway.Edge.Caching.Semantic;

/// <summary>
/// Asks the cache service for answers to questions of the same meaning, and tells it answers and evidence. It never holds a request up beyond its budget; a service that is down is a
/// miss, and after a few failures is left alone for a while.
/// </summary>
internal sealed class SemanticAnswers(IServiceClients? clients, AnswerCodec codec, PurgeBook purges, PersonalData personal, AnswerJudge judge, CacheWork work, CacheMetrics metrics, TimeProvider time)
{
    private const string Sealed = "application/vnd.gateway.answer";

    private const double ShareOfBudget = 0.9;

    // What the service takes.
    private const int MostNameChars = 256;

    private const string Undecided = "undecided";

    private static readonly TimeSpan _background = TimeSpan.FromSeconds(10);

    // A service that has not said anything for so long is taken for gone, not for slow.
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _judging = TimeSpan.FromSeconds(60);

    private readonly Circuit _circuit = new(time);
    private readonly LookupGate _gate = new();

    /// <summary>Looks for an answer; null for a miss, whatever the reason. What the service says of the look-up is kept with the question.</summary>
    public async ValueTask<StoredAnswer?> LookAsync(RequestContext context, CacheFacts facts)
    {
        var question = facts.Question!;
        if (clients is null || question.Text.AsSpan().Trim().IsEmpty)
        {
            facts.Question = null;
            return null;
        }

        if (_circuit.IsOpen)
        {
            metrics.CountUnavailable("service");
            return null;
        }

        if (!_gate.TryEnter())
        {
            question.IsLeftOut = true;
            metrics.CountOverflow("lookup");
            return null;
        }

        // Looking for personal data costs more than all else here: only for a text that is really asked about.
        if (Comparable(facts, question.Text) is not { } text)
        {
            facts.Question = null;
            _gate.Leave(wasOverloaded: false);
            return null;
        }

        question.Compared = text;
        if (!_circuit.TryEnter())
        {
            _gate.Leave(wasOverloaded: false);
            return null;
        }

        var rule = facts.Rule;
        var answer = await AskAsync(context, new CacheLookupRequest
        {
            Partition = question.Partition.ToString(),
            Domain = question.Domain.ToString(),
            DomainName = DomainName(facts),
            Text = text,
            Policy = LookupPolicy.Of(rule, context.Settings),
            // The service gives up first, so that it says so and is not taken for dead.
            BudgetMilliseconds = Math.Max(1, (int)(rule.Lookup.TotalMilliseconds * ShareOfBudget)),
            MaxAgeSeconds = facts.Wish.MaxAge is { } age ? (long)age.TotalSeconds : null,
            MaxStaleSeconds = (long)rule.Stale.TotalSeconds,
        }, rule.Lookup).ConfigureAwait(false);
        if (answer is null)
        {
            return null;
        }

        question.LookupId = answer.LookupId;
        question.WantsEvidence = answer.Verify && answer.LookupId is not null;
        question.IsStale = answer.Stale;
        if (answer.WouldHit)
        {
            facts.WouldBe = CacheResult.HitSemantic;
        }

        if (answer is not { Outcome: CacheOutcome.Hit, Answer: { } found })
        {
            return null;
        }

        var stored = Open(context, facts, found, answer.AgeSeconds ?? 0);
        if (stored is not null && answer.AnswerId is { } id && CacheKey.TryParse(id) is { } exact)
        {
            // The answer's own key, by which it is purged wherever it lies.
            stored = stored with { Key = exact };
        }

        if (stored is null || purges.Concerns(stored))
        {
            return null;
        }

        (facts.EntryId, facts.Similarity) = (answer.AnswerId ?? answer.EntryId, answer.Similarity ?? 1);
        return stored;
    }

    /// <summary>Tells the service an answer, and what it wanted to know of it, in the background.</summary>
    public void Put(RequestContext context, CacheFacts facts, StoredAnswer answer, ChatAnswer? chat)
    {
        var question = facts.Question!;
        if (clients is null || _circuit.IsOpen)
        {
            return;
        }

        if (work.IsFull || (question.IsLeftOut && _gate.IsFull))
        {
            // Nothing is made ready that nobody would carry; and while there is no time to ask about questions, embedding others to store them would take what time there is.
            metrics.CountOverflow("store");
            return;
        }

        if ((question.Compared ?? Comparable(facts, question.Text)) is not { } text)
        {
            return;
        }

        var said = chat is null ? null : AnswerReader.TextOf(chat);
        if (facts.Rule.Pii != CachePiiPolicy.Store && said is not null && personal.Has(said))
        {
            if (facts.Rule.Pii == CachePiiPolicy.Skip)
            {
                return;
            }

            said = personal.Redact(said);
        }

        var identity = context.Key!.Identity;
        var request = new CacheStoreRequest
        {
            Partition = question.Partition.ToString(),
            Text = text,
            AnswerId = answer.Key.ToString(),
            LookupId = question.LookupId,
            Answer = new CacheAnswer
            {
                Body = codec.Encode(answer with { Key = question.Partition }, context.Settings.CacheStorage.Encrypt),
                ContentType = Sealed,
                Dialect = context.Operation.Dialect.ToString(),
                Text = said is { Length: > 0 } ? said : null,
                PromptTokens = answer.Tokens.Prompt,
                CompletionTokens = answer.Tokens.Generated,
                CostNano = answer.CostNanoUsd,
            },
            Facts = new CacheEntryFacts
            {
                Scope = answer.Scope, Key = identity.Id, Team = Given(identity.TeamId), Customer = Given(identity.CustomerId), Route = answer.Route, Model = answer.Model, Tags = [.. answer.Tags.Take(32)],
            },
            TtlSeconds = Math.Max(1, (long)(answer.ExpiresAt - answer.StoredAt).TotalSeconds),
            StaleSeconds = (long)(answer.StaleUntil - answer.ExpiresAt).TotalSeconds,
        };
        var asker = Asker.Of(context);
        var judgeRoute = AnswerJudge.IsThere(asker, facts.Rule.JudgeRoute) ? facts.Rule.JudgeRoute : null;
        var observed = question is { WantsEvidence: true, LookupId: { } lookup } ? new CacheObserveRequest { LookupId = lookup, AnswerText = said, CanJudge = judgeRoute is not null && said is not null } : null;
        work.TryAdd(async stop =>
        {
            if (await TellAsync(request, observed, answer, stop).ConfigureAwait(false) is { Basis: Undecided } doubt && judgeRoute is not null)
            {
                await JudgeAsync(asker, judgeRoute, observed!, text, doubt, stop).ConfigureAwait(false);
            }
        });
    }

    /// <summary>Makes a purge.</summary>
    /// <returns>False when the service did not answer.</returns>
    public async Task<bool> PurgeAsync(PurgeOrder order, CancellationToken cancellationToken)
    {
        var purge = order.Purge;
        if (clients is null)
        {
            return true;
        }

        var query = new StringBuilder();
        Add("scope", purge.Scope);
        Add("route", purge.Route);
        Add("model", purge.Model);
        Add("tag", purge.Tag);
        if (time.GetUtcNow() - order.Before is { TotalSeconds: >= 1 } age)
        {
            Add("olderThanSeconds", ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        }

        var address = purge.Key is { } key ? EntryAddress(key) : query.Length == 0 ? "/v1/entries?all=true" : $"/v1/entries{query}";
        try
        {
            using var end = Limit(_background, cancellationToken);
            using var answer = await clients.Get(WireNames.SemanticCache).DeleteAsync(new Uri(address, UriKind.Relative), end.Token).ConfigureAwait(false);
            // What it does not know is not there; what it does not take will not be taken later either.
            return answer.IsSuccessStatusCode || (int)answer.StatusCode is >= 400 and < 500 and not 401 and not 429;
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            return false;
        }

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }

    private static string EntryAddress(string key) => $"/v1/entries/{Uri.EscapeDataString(key)}";

    /// <summary>The text as it may leave the edge; null when it may not.</summary>
    private string? Comparable(CacheFacts facts, string text) => facts.Rule.Pii switch
    {
        CachePiiPolicy.Store => text,
        CachePiiPolicy.Redact => personal.Redact(text),
        _ => personal.Has(text) ? null : text,
    };

    private static string DomainName(CacheFacts facts)
    {
        var name = $"{facts.Scope} {facts.Route!.Entry.Name}";
        return name.Length <= MostNameChars ? name : name[..MostNameChars];
    }

    private StoredAnswer? Open(RequestContext context, CacheFacts facts, CacheAnswer found, long ageSeconds)
    {
        if (found.ContentType == Sealed)
        {
            return codec.Decode(facts.Question!.Partition, found.Body);
        }

        // Loaded by somebody else than an edge: then all that is known is the body.
        if (found.Dialect != context.Operation.Dialect.ToString() || context.Route!.Targets.FirstOrDefault() is not { } target)
        {
            return null;
        }

        var stored = time.GetUtcNow() - TimeSpan.FromSeconds(ageSeconds);
        return new StoredAnswer
        {
            Key = facts.Question!.Partition, Body = found.Body, StoredAt = stored, ExpiresAt = DateTimeOffset.MaxValue, StaleUntil = DateTimeOffset.MaxValue, Version = context.Model.Version,
            Scope = facts.Scope, Route = context.Route.Entry.Name, Model = context.ModelName, Tags = [], DeploymentId = target.DeploymentId, ProviderDialect = context.Operation.Dialect,
            Tokens = new Dialects.TokenCounts { Input = found.PromptTokens, Output = found.CompletionTokens }, CostNanoUsd = found.CostNano,
        };
    }

    /// <summary>Asks, and waits no longer than the budget, by the gateway's own clock.</summary>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    private async Task<CacheLookupResponse?> AskAsync(RequestContext context, CacheLookupRequest request, TimeSpan budget)
    {
        try
        {
            return await CallAsync(request, budget).WaitAsync(budget, time, context.Http.RequestAborted).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            metrics.CountUnavailable("service");
            return null;
        }
    }

    /// <summary>
    /// One look-up, with its place at the gate. It goes on when nobody waits for it any more: ended in the middle it would take its connection along, and whether the service is slow or gone
    /// shows only then. It never fails; at most as many as the gate lets in are under way, each for a second.
    /// </summary>
    private async Task<CacheLookupResponse?> CallAsync(CacheLookupRequest request, TimeSpan budget)
    {
        var began = time.GetTimestamp();
        var overloaded = true;
        using var limit = new CancellationTokenSource(budget > _silence ? budget : _silence, time);
        try
        {
            using var answer = await clients!.Get(WireNames.SemanticCache).PostAsJsonAsync("/v1/lookup", request, ContractsJson.Default.CacheLookupRequest, limit.Token).ConfigureAwait(false);
            if ((int)answer.StatusCode is >= 400 and < 500)
            {
                // It says what is wrong with the question, not that it does not work.
                _circuit.Succeeded();
                overloaded = false;
                metrics.CountUnavailable("service");
                return null;
            }

            answer.EnsureSuccessStatusCode();
            var found = await answer.Content.ReadFromJsonAsync(ContractsJson.Default.CacheLookupResponse, limit.Token).ConfigureAwait(false);
            _circuit.Succeeded();
            overloaded = found is { Outcome: CacheOutcome.Bypass, Reason: CacheReasons.Busy or CacheReasons.OutOfTime } || time.GetElapsedTime(began) > budget;
            return found;
        }
        catch (Exception e) when (IsUnavailable(e, CancellationToken.None))
        {
            _circuit.Failed();
            if (time.GetElapsedTime(began) <= budget)
            {
                metrics.CountUnavailable("service");
            }

            return null;
        }
        finally
        {
            _gate.Leave(overloaded);
        }
    }

    /// <summary>Gets a verdict and tells it, where the service cannot decide.</summary>
    private async Task JudgeAsync(Asker asker, string route, CacheObserveRequest observed, string text, CacheObserveResponse doubt, CancellationToken stop)
    {
        using var end = Limit(_judging, stop);
        try
        {
            if (await judge.AskAsync(asker, route, text, observed.AnswerText!, doubt, end.Token).ConfigureAwait(false) is { } verdict)
            {
                using var heard = await clients!.Get(WireNames.SemanticCache).PostAsJsonAsync(
                    "/v1/observe", observed with { Equivalent = verdict, CanJudge = false }, ContractsJson.Default.CacheObserveRequest, end.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsUnavailable(e, stop))
        {
            metrics.CountUnavailable("judge");
        }
    }

    private async Task<CacheObserveResponse?> TellAsync(CacheStoreRequest request, CacheObserveRequest? observed, StoredAnswer answer, CancellationToken stop)
    {
        if (purges.Concerns(answer))
        {
            return null;
        }

        CacheObserveResponse? heardBack = null;
        try
        {
            using var end = Limit(_background, stop);
            var client = clients!.Get(WireNames.SemanticCache);
            if (observed is not null)
            {
                using var heard = await client.PostAsJsonAsync("/v1/observe", observed, ContractsJson.Default.CacheObserveRequest, end.Token).ConfigureAwait(false);
                heardBack = heard.IsSuccessStatusCode ? await heard.Content.ReadFromJsonAsync(ContractsJson.Default.CacheObserveResponse, end.Token).ConfigureAwait(false) : null;
            }

            using var stored = await client.PostAsJsonAsync("/v1/store", request, ContractsJson.Default.CacheStoreRequest, end.Token).ConfigureAwait(false);
            if (!stored.IsSuccessStatusCode)
            {
                metrics.CountUnavailable("service");
            }
            else if (purges.Concerns(answer))
            {
                // The purge came while this was under way, and may have been made before it got there.
                using var gone = await client.DeleteAsync(new Uri(EntryAddress(answer.Key.ToString()), UriKind.Relative), end.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsUnavailable(e, stop))
        {
            _circuit.Failed();
            metrics.CountUnavailable("service");
        }

        return heardBack;
    }

    private static CancellationTokenSource Limit(TimeSpan most, CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(most);
        return limit;
    }

    private static bool IsUnavailable(Exception e, CancellationToken cancelled) =>
        e is HttpRequestException or JsonException or IOException || (e is OperationCanceledException && !cancelled.IsCancellationRequested);

    private static string? Given(string id) => id.Length == 0 ? null : id;
}
