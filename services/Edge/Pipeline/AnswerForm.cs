using Gateway.Dialects.Chat;
using Gateway.Edge.Continuation;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.Guarding.Passed;
using Gateway.Edge.Runtime;
using Gateway.Edge.StoredObjects;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Pipeline;

/// <summary>How an answer differs from bytes of OpenAI's dialect that are passed on as they came. Such an answer has none.</summary>
internal sealed class AnswerForm
{
    public const string Json = "application/json";

    /// <summary>Content type that replaces the provider's, or null.</summary>
    public string? ContentType { get; init; }

    /// <summary>True when the answer was written here, so that the provider's headers do not describe it.</summary>
    public bool IsRewritten { get; init; }

    /// <summary>Turns the provider's stream into the caller's dialect, or null.</summary>
    public StreamTranslation? Translation { get; init; }

    /// <summary>Follows a stream that is passed on, or null.</summary>
    public IStreamScan? Scan { get; init; }

    /// <summary>Mends a stream of OpenAI's dialect that is passed on, or null.</summary>
    public Normalisation? Normalisation { get; init; }

    /// <summary>Puts the events of a Gemini stream into one JSON array, or null.</summary>
    public JsonArrayFraming? Array { get; init; }

    /// <summary>Puts the gateway's ids of stored responses in the place of the provider's, or null.</summary>
    public ResponseIds? Ids { get; init; }

    /// <summary>Guards events that are passed on in the provider's form, or null.</summary>
    public PassedFrames? Passed { get; set; }

    /// <summary>True for bytes that are no events: nothing can be said in them.</summary>
    public bool IsRaw { get; init; }

    /// <summary>True when the gateway guessed the answer's figures.</summary>
    public bool IsEstimate { get; init; }

    /// <summary>The whole answer in no dialect, where it was translated and is looked at once more; else null.</summary>
    public ChatAnswer? Whole { get; init; }

    /// <summary>Between whom <see cref="Whole"/> was translated.</summary>
    public ChatExchange? Exchange { get; init; }

    /// <summary>True for a whole answer that was written as all events of a stream.</summary>
    public bool IsPlayed { get; init; }

    /// <summary>The form of a stream; null for one of OpenAI's that is passed on untouched.</summary>
    public static AnswerForm? ForStream(RequestContext context, DeploymentRuntime deployment, DialectId dialect, ChatExchange? exchange, DateTimeOffset now)
    {
        var keeps = StreamContinuation.Keeps(context, dialect);
        var guard = EventGuard.For(context, stopsEarly: true);
        if (exchange is not null || keeps || guard is not null)
        {
            var ids = exchange is null && dialect == DialectId.OpenAIResponses ? context.Stored?.Of(deployment.Id) : null;
            var collector = guard is not null && RemoteOutput.AppliesTo(context) ? new AnswerCollector() : null;
            var translation = new StreamTranslation(exchange ?? ChatExchange.ForAnswer(context, dialect, now), deployment.Secret, keeps ? new StreamLegs() : null, guard, collector, ids);
            return new AnswerForm { IsRewritten = true, Translation = translation, ContentType = translation.Writer.ContentType };
        }

        if (dialect is DialectId.OpenAIChat or DialectId.OpenAICompletions)
        {
            return Normalisation.AppliesTo(deployment.Provider.Entry, context.Operation, dialect)
                ? new AnswerForm { Normalisation = new Normalisation(Normalisation.Start(context, now)) }
                : null;
        }

        var isArray = dialect == DialectId.Gemini && context.WantsJsonArray;
        return new AnswerForm
        {
            Scan = StreamScans.Create(dialect, context.Envelope.Choices),
            Array = isArray ? new JsonArrayFraming() : null,
            ContentType = isArray ? Json : null,
            Ids = dialect == DialectId.OpenAIResponses ? context.Stored?.Of(deployment.Id) : null,
        };
    }
}
