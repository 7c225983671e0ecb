using Gateway.Dialects.Chat;
using Gateway.Edge.Accounts;
using Gateway.Edge.Callers;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>Step 1: who calls. Virtual keys are found by their SHA-256 in the snapshot; no key is ever compared as text.</summary>
internal sealed class IdentifyStep(TimeProvider time, JwtCallers tokens)
{
    private const string HowTo = "Send a virtual key as 'Authorization: Bearer gw-…', 'x-api-key', 'api-key' or 'x-goog-api-key'.";

    public Failure? Run(RequestContext context) => Identify(context.Http, context.Model, out var key, context.Operation.Dialect) is { } failure ? failure : Keep(context, key!);

    /// <summary>Finds the caller of any request, also one that is no inference.</summary>
    public Failure? Identify(HttpContext http, GatewayModel model, out KeyRuntime? key, DialectId dialect = DialectId.OpenAIChat)
    {
        key = null;
        if (!CallerCredential.TryRead(http.Request.Headers, out var credential, out var problem)
            && !(problem is null && dialect == DialectId.Gemini && CallerCredential.TryReadQuery(http.Request, out credential)))
        {
            return new Failure(problem is null ? GatewayError.KeyMissing : GatewayError.KeyInvalid, Step.Identify, problem ?? $"No API key was given. {HowTo}");
        }

        KeyRuntime? found;
        if (JwtCallers.IsToken(credential))
        {
            if (tokens.Find(model, credential, out found) is { } refused)
            {
                return refused;
            }
        }
        else
        {
            found = KeyHash.TryCompute(credential, out var hash) ? model.FindKey(hash) : null;
        }

        if (found is null)
        {
            return new Failure(GatewayError.KeyInvalid, Step.Identify, $"The API key is not known to this gateway. Provider keys are not accepted here. {HowTo}");
        }

        if (found.Identity.Blocked is { } blocked)
        {
            return new Failure(GatewayError.KeyDisabled, Step.Identify, $"{blocked}; ask whoever issued it.");
        }

        if (found.ExpiresAt is { } expiry && time.GetUtcNow() >= expiry)
        {
            return new Failure(GatewayError.KeyExpired, Step.Identify, $"The API key expired at {expiry:u}; ask for a new one.");
        }

        key = found;
        return null;
    }

    private static Failure? Keep(RequestContext context, KeyRuntime key)
    {
        context.Key = key;
        return null;
    }
}
