using System.Buffers;
using System.Security.Cryptography;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Translation;

/// <summary>One chat between a caller and a provider of another dialect, for one attempt: the request that is sent, and what is needed to answer.</summary>
internal sealed class ChatExchange
{
    private readonly ArrayBufferWriter<byte> _body = new(2048);

    private ChatExchange(IChatDialect caller, IChatDialect provider, AnswerContext answer)
    {
        Caller = caller;
        Provider = provider;
        Answer = answer;
    }

    public IChatDialect Caller { get; }

    public IChatDialect Provider { get; }

    public AnswerContext Answer { get; }

    /// <summary>What the provider's dialect could not express.</summary>
    public DropList Drops { get; } = new();

    /// <summary>The request in the provider's dialect.</summary>
    public ReadOnlyMemory<byte> Body => _body.WrittenMemory;

    /// <summary>Translates the caller's request for one deployment.</summary>
    /// <param name="context">The request.</param>
    /// <param name="deployment">Where it goes.</param>
    /// <param name="dialect">The dialect spoken there.</param>
    /// <param name="created">When the answer begins.</param>
    /// <param name="exchange">The exchange; null when a fault is returned.</param>
    /// <returns>Null, or why this deployment cannot be asked.</returns>
    public static UpstreamFault? TryBegin(RequestContext context, DeploymentRuntime deployment, DialectId dialect, DateTimeOffset created, out ChatExchange? exchange)
    {
        exchange = null;
        var chat = context.Chat;
        if (chat.Problem is { } wrong)
        {
            return Refuse(GatewayError.ValueInvalid, wrong.Message, wrong.Param);
        }

        var begun = new ChatExchange(ChatDialects.Get(context.Operation.Dialect), ChatDialects.Get(dialect), AnswerContextFor(context, created, chat.Request));
        var model = context.ModelFor(deployment);
        var request = context.NextLeg?.Request(chat.Request, dialect, model) ?? chat.Request;
        var target = deployment.Provider.Adapter.Describe(model, dialect, deployment.Pricing.MaxOutput(model));
        if (begun.Provider.WriteRequest(request, target, begun._body, begun.Drops) is { } impossible)
        {
            return Refuse(GatewayError.RequestUnsupported, impossible.Message, impossible.Param);
        }

        if (begun.Drops.Names.Count > 0 && context.Route!.Entry.Unsupported == UnsupportedPolicy.Reject)
        {
            return Refuse(
                GatewayError.RequestUnsupported,
                $"The provider '{deployment.Provider.Id}' cannot express {string.Join(", ", begun.Drops.Names)}, and this model refuses such requests instead of leaving it out. Leave it out yourself, or use another model.",
                begun.Drops.Names[0]);
        }

        exchange = begun;
        return null;
    }

    /// <summary>An exchange between equal dialects whose answer comes in another form than was asked for: a whole one for a stream, or the reverse.</summary>
    public static ChatExchange ForAnswer(RequestContext context, DialectId dialect, DateTimeOffset created) =>
        new(ChatDialects.Get(context.Operation.Dialect), ChatDialects.Get(dialect), AnswerContextFor(context, created, context.Chat.Problem is null ? context.Chat.Request : null));

    /// <summary>What a writer of answers must know of <paramref name="context"/>'s request.</summary>
    public static AnswerContext AnswerContextFor(RequestContext context, DateTimeOffset created, ChatRequest? request) => new()
    {
        Id = RandomNumberGenerator.GetHexString(24, lowercase: true),
        Model = context.ModelName,
        Created = created,
        IncludeUsage = context.Envelope.StreamUsage == StreamUsage.Requested,
        JsonArray = context.WantsJsonArray,
        PromptTokenEstimate = Math.Max(1, context.Body.Length / 4),
        Request = request,
    };

    private static UpstreamFault Refuse(GatewayError error, string message, string? param) =>
        new(error, "the request cannot be expressed", false) { Refusal = new Failure(error, Step.Call, message) { Param = param } };
}
