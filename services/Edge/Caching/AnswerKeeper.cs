using System.Buffers;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Edge.Caching.Keys;
using Gateway.Edge.Caching.Memory;
using Gateway.Edge.Caching.Purges;
using Gateway.Edge.Caching.Replay;
using Gateway.Edge.Caching.Semantic;
using Gateway.Edge.Caching.Shared;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Caching;

/// <summary>Stores answers that may be given again: at once in memory, and in the background in Redis and in the semantic cache.</summary>
internal sealed class AnswerKeeper(
    MemoryStore memory, SharedAnswers shared, SemanticAnswers semantic, PurgeBook purges, PersonalData personal, CacheMetrics metrics, TimeProvider time)
{
    /// <summary>Most bytes of a stream that are collected, whatever policy says of the answer that they make.</summary>
    public const int MostStreamBytes = 16 * 1024 * 1024;

    /// <summary>Stores the answer of a request that came to its end, if it is one that may be stored.</summary>
    public void Keep(RequestContext context, CacheFacts facts)
    {
        if (Whole(context, facts, out var chat) is not { } body)
        {
            return;
        }

        var obstacle = context.Continued is not null ? "it was put together"
            : context.Deployment is not { } deployment || facts.Route is not { } route || !route.Targets.Any(t => t.DeploymentId == deployment.Id) ? "another route answered"
            : body.Length > facts.Rule.MaxEntryBytes ? "it is too large"
            : chat is null ? null
            : AnswerReader.Obstacle(chat, facts.Rule);
        if (obstacle is null && facts.Rule.Pii == CachePiiPolicy.Skip && HasPersonalData(context, chat))
        {
            obstacle = "it has personal data";
        }

        if (obstacle is not null)
        {
            metrics.CountNotStored(obstacle);
            return;
        }

        var answer = Stored(context, facts, UsageMarker.Mark(context.Operation.Dialect, body));
        Keep(context, facts, answer, chat);
    }

    /// <summary>Stores an answer in every layer.</summary>
    public void Keep(RequestContext context, CacheFacts facts, StoredAnswer answer, ChatAnswer? chat)
    {
        Remember(answer, context.Settings);
        shared.Put(answer, context.Settings);
        if (facts.Question is not null)
        {
            semantic.Put(context, facts, answer, chat);
        }
    }

    /// <summary>Keeps an answer in memory, unless a purge that came meanwhile concerns it.</summary>
    public void Remember(StoredAnswer answer, GatewaySettings settings)
    {
        memory.Put(answer, settings.CacheStorage.MemoryBytes);
        // Looked at afterwards: a purge that comes later than this look finds the answer in its place.
        if (purges.Concerns(answer))
        {
            memory.Remove(answer.Key);
        }
    }

    /// <summary>Removes an answer from memory and Redis.</summary>
    public void Forget(in CacheKey key)
    {
        memory.Remove(key);
        shared.Remove(key);
    }

    /// <summary>What is stored for a request's answer.</summary>
    public StoredAnswer Stored(RequestContext context, CacheFacts facts, ReadOnlyMemory<byte> body)
    {
        var now = time.GetUtcNow();
        var ttl = facts.Wish.Ttl is { } wished && wished < facts.Rule.Ttl ? wished : facts.Rule.Ttl;
        return new StoredAnswer
        {
            Key = facts.Key,
            Body = body,
            StoredAt = now,
            ExpiresAt = now + ttl,
            StaleUntil = now + ttl + facts.Rule.Stale,
            Version = context.Model.Version,
            Scope = facts.Scope,
            Route = facts.Route!.Entry.Name,
            Model = context.ModelName,
            Tags = context.Tags,
            DeploymentId = context.Deployment!.Id,
            ProviderDialect = context.ProviderDialect,
            Tokens = context.Tokens,
            CostNanoUsd = facts.CostNanoUsd,
        };
    }

    private bool HasPersonalData(RequestContext context, ChatAnswer? chat) =>
        personal.HasIn(context.Body.Span, context.Settings.MaxJsonDepth) || (chat is not null && personal.Has(AnswerReader.TextOf(chat)));

    /// <summary>The whole answer in the caller's dialect, put together where it was a stream; null when there is none that can be stored.</summary>
    private ReadOnlyMemory<byte>? Whole(RequestContext context, CacheFacts facts, out ChatAnswer? chat)
    {
        chat = null;
        var isChat = context.Operation.Operation is Operation.Chat or Operation.Completion;
        var dialect = context.Operation.Dialect;
        if (facts.Log is not { } log)
        {
            // A whole answer that was played as a stream was offered as such.
            return facts.Offered is not { } offered || (isChat && !ChatDialects.Get(dialect).TryReadAnswer(offered, out chat)) ? null : offered;
        }

        if (log.ToArray() is not { } stream)
        {
            metrics.CountNotStored("it is too large");
            return null;
        }

        chat = AnswerReader.ReadStream(context.ProviderDialect, log.NewFrames(), stream);
        if (chat is null)
        {
            metrics.CountNotStored("it did not come to its end");
            return null;
        }

        var output = new ArrayBufferWriter<byte>(stream.Length / 8);
        var request = dialect == DialectId.OpenAIResponses && context.Chat.Problem is null ? context.Chat.Request : null;
        ChatDialects.Get(dialect).WriteAnswer(chat, ChatExchange.AnswerContextFor(context, time.GetUtcNow(), request), output);
        return output.WrittenMemory;
    }
}
