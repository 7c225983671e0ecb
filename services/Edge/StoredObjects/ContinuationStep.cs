using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Routing;

namespace Gateway.Edge.StoredObjects;

/// <summary>
/// For calls of <c>/v1/responses</c>: finds out whether the answer will be kept, gives the provider its own id of the response that is continued, and binds the request to the
/// deployment that holds it.
/// </summary>
internal sealed class ContinuationStep(ObjectIds ids)
{
    private const string Previous = "previous_response_id";

    /// <summary>What is told of a response that is not known to be the caller's, whatever the reason.</summary>
    public static Failure NotFound(Step step, string? param = null) =>
        new(GatewayError.ResponseNotFound, step, "There is no such stored response here. Only responses that this gateway made for this key's team (without a team: for this key) can be asked for, by the id that it gave; those made with 'store: false', or by translation for a provider that does not serve responses itself, are not stored.") { Param = param };

    /// <summary>Reads what the body says of stored responses. Runs once the body is there.</summary>
    public Failure? Read(RequestContext context)
    {
        if (context.Operation.Dialect != DialectId.OpenAIResponses)
        {
            return null;
        }

        var (members, failure) = Members.Read(context.Body.Span, context.Settings.MaxJsonDepth);
        if (failure is not null)
        {
            return failure;
        }

        if (members.Background && !context.Key!.Budgets.IsEmpty)
        {
            return new Failure(GatewayError.RequestUnsupported, Step.Envelope, "What a response with 'background: true' costs is not known when it is answered, and this API key has a budget: send the request without 'background'.") { Param = "background" };
        }

        var tenant = ObjectIds.Tenant(context.Key!);
        if (members.Previous is not { } previous)
        {
            context.Stored = members.Stores ? new StoredResponses(ids, tenant, makes: true) : null;
            return null;
        }

        if (!ids.TryUnwrap(previous, ResponseIds.Prefix, tenant, out var earlier))
        {
            context.Stored = new StoredResponses(ids, tenant, members.Stores) { IsUnknown = true };
            return null;
        }

        context.Stored = new StoredResponses(ids, tenant, members.Stores) { Earlier = earlier };
        Replace(context, members.PreviousStart, members.PreviousLength, earlier.RawId);
        return null;
    }

    /// <summary>Leaves only the deployment that holds the response that is continued. Runs once the route is planned.</summary>
    public Failure? Bind(RequestContext context)
    {
        if (context.Stored is not { IsBound: true } stored)
        {
            return null;
        }

        if (stored.Earlier is not { } earlier)
        {
            // Where no target serves responses itself, the refusal of the translation says more.
            return context.Route!.Targets.Any(t => IsNative(context, t)) ? NotFound(Step.Route, Previous) : null;
        }

        var target = context.Route!.Targets.FirstOrDefault(t => t.DeploymentId == earlier.HolderId);
        if (target is null)
        {
            return new Failure(GatewayError.ResponseNotFound, Step.Route, $"The response to continue is held by a deployment that does not serve '{context.ModelName}'; ask with the model that it was made with.") { Param = Previous };
        }

        if (!context.Key!.Providers.Allows(target.ProviderId))
        {
            return new Failure(GatewayError.ProviderForbidden, Step.Route, $"This API key may not reach the provider '{target.ProviderId}', which holds the response to continue.") { Param = Previous };
        }

        context.Candidates.Set(target);
        return null;
    }

    private static bool IsNative(RequestContext context, TargetRuntime target) =>
        target.Deployment.Provider.Adapter.ChatDialect(DialectId.OpenAIResponses, context.ModelFor(target.Deployment)) == DialectId.OpenAIResponses;

    private static void Replace(RequestContext context, int start, int length, string id)
    {
        var body = context.Body;
        using var output = new PooledBodyWriter(body.Length + id.Length);
        output.Write(body.Span[..start]);
        output.Write("\""u8);
        output.Write(JsonEncodedText.Encode(id).EncodedUtf8Bytes);
        output.Write("\""u8);
        output.Write(body.Span[(start + length)..]);
        context.Body = output.Detach();
        body.Return();
        var modelElsewhere = context.PathModel is not null || context.Operation.DefaultModel is not null;
        _ = EnvelopeReader.Read(context.Body.Span, context.Operation.Shape, modelElsewhere, context.Settings.MaxJsonDepth, out context.Envelope);
    }

    private readonly record struct Members(bool Stores, bool Background, string? Previous, int PreviousStart, int PreviousLength)
    {
        /// <summary>Reads a body that is known to be a JSON object.</summary>
        public static (Members Members, Failure? Failure) Read(ReadOnlySpan<byte> body, int maxDepth)
        {
            var found = new Members(true, false, null, 0, 0);
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = maxDepth });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("store"u8))
                {
                    reader.Read();
                    found = found with { Stores = reader.TokenType != JsonTokenType.False };
                }
                else if (reader.ValueTextEquals("background"u8))
                {
                    reader.Read();
                    found = found with { Background = found.Background || reader.TokenType == JsonTokenType.True };
                }
                else if (reader.ValueTextEquals("previous_response_id"u8))
                {
                    reader.Read();
                    if (found.PreviousLength > 0)
                    {
                        return (found, new Failure(GatewayError.ValueDuplicate, Step.Envelope, $"'{ContinuationStep.Previous}' is there twice.") { Param = ContinuationStep.Previous });
                    }

                    if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
                    {
                        return (found, new Failure(GatewayError.ValueInvalid, Step.Envelope, $"'{ContinuationStep.Previous}' must be a string.") { Param = ContinuationStep.Previous });
                    }

                    found = found with
                    {
                        Previous = reader.TokenType == JsonTokenType.Null ? null : Text(reader),
                        PreviousStart = (int)reader.TokenStartIndex,
                        PreviousLength = (int)(reader.BytesConsumed - reader.TokenStartIndex),
                    };
                }
                else
                {
                    reader.Read();
                }

                reader.Skip();
            }

            return (found, null);
        }

        private static string Text(in Utf8JsonReader reader)
        {
            try
            {
                return reader.GetString()!;
            }
            catch (InvalidOperationException)
            {
                // No text, so no id that was ever given.
                return "";
            }
        }
    }
}
