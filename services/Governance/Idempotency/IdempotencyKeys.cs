using System.Data.Common;
using System.Security.Cryptography;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Governance.Idempotency;

/// <summary>Carries out a changing request once per <c>Idempotency-Key</c> of its actor, and gives its answer again when it is repeated.</summary>
internal sealed partial class IdempotencyKeys(RequestDelegate next, IdempotentAnswers answers, ICurrentActor actor, ILogger<IdempotencyKeys> logger)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    private const int LongestKey = 255;
    private const int MostRequestBytes = 16 * 1024 * 1024;
    private const int MostAnswerBytes = 4 * 1024 * 1024;
    private static readonly string[] KeptHeaders = ["Content-Type", "Location", "ETag", "Cache-Control"];

    public Task InvokeAsync(HttpContext context)
    {
        var method = context.Request.Method;
        var applies = context.Request.Headers.ContainsKey(Header)
            && !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method)
            && context.Request.Path.StartsWithSegments(AdminAccess.Prefix, StringComparison.OrdinalIgnoreCase)
            && context.GetEndpoint() is not null;
        return applies ? OnceAsync(context) : next(context);
    }

    private async Task OnceAsync(HttpContext context)
    {
        if (context.Request.Headers[Header] is not [{ Length: > 0 and <= LongestKey } key] || key.Any(c => c is < ' ' or > '~'))
        {
            await new Problem { Status = 400, Title = "The idempotency key cannot be used.", Code = "invalid_idempotency_key", Detail = $"{Header} must be one text of 1 to {LongestKey} visible ASCII characters." }
                .WriteAsync(context).ConfigureAwait(false);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostRequestBytes;
        }

        context.Request.EnableBuffering(64 * 1024, MostRequestBytes + 1024);
        var body = Convert.ToHexStringLower(await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted).ConfigureAwait(false));
        context.Request.Body.Position = 0;
        var address = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}";
        var id = IdempotentAnswers.Hash(actor.Current.Id, key);
        var request = IdempotentAnswers.Hash(address, context.Request.ContentType ?? "", context.Request.Headers.IfMatch.ToString(), body);
        var (state, kept) = await answers.BeginAsync(id, request, context, context.RequestAborted).ConfigureAwait(false);
        if (state == KeyState.Ours)
        {
            await CarryOutAsync(context, id).ConfigureAwait(false);
        }
        else if (kept is not null)
        {
            context.Response.StatusCode = kept.Status;
            foreach (var (name, value) in kept.Headers)
            {
                context.Response.Headers[name] = value;
            }

            context.Response.Headers[ReplayedHeader] = "true";
            await context.Response.Body.WriteAsync(kept.Body, context.RequestAborted).ConfigureAwait(false);
        }
        else
        {
            if (state == KeyState.Running)
            {
                context.Response.Headers.RetryAfter = "1";
            }

            await Refusal(state).WriteAsync(context).ConfigureAwait(false);
        }
    }

    private async Task CarryOutAsync(HttpContext context, string id)
    {
        var wire = context.Response.Body;
        using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch
        {
            context.Response.Body = wire;
            await TryAsync(() => answers.ForgetAsync(id)).ConfigureAwait(false);
            throw;
        }

        context.Response.Body = wire;
        if (context.Response.StatusCode is >= 200 and < 300)
        {
            if (buffer.Length <= MostAnswerBytes)
            {
                var headers = KeptHeaders.Where(h => context.Response.Headers[h].Count > 0).ToDictionary(h => h, h => context.Response.Headers[h].ToString());
                await TryAsync(() => answers.KeepAsync(id, new KeptAnswer(context.Response.StatusCode, headers, buffer.ToArray()))).ConfigureAwait(false);
            }
        }
        else
        {
            await TryAsync(() => answers.ForgetAsync(id)).ConfigureAwait(false);
        }

        // An answer without a body and without a type is left to the middleware before this one, which makes a problem of it.
        if (buffer.Length > 0)
        {
            buffer.Position = 0;
            await buffer.CopyToAsync(wire, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is DbException or TimeoutException)
        {
            // The change is made or not whatever becomes of its key; a repeat is told that the answer is lost.
            LogLost(logger, fault);
        }
    }

    private static Problem Refusal(KeyState state) => state switch
    {
        KeyState.Reused => new Problem
        {
            Status = 422,
            Title = "The idempotency key was used before.",
            Code = "idempotency_key_reused",
            Detail = "The key belongs to another request of the last 24 hours. Send a repeat exactly as it was, or take a new key.",
        },
        KeyState.Running => new Problem
        {
            Status = 409,
            Title = "The request is being carried out.",
            Code = "idempotency_in_progress",
            Detail = "A request with this key has not ended yet. Send it again in a moment for its answer.",
        },
        _ => new Problem
        {
            Status = 409,
            Title = "The request was carried out, and its answer is lost.",
            Code = "idempotency_answer_lost",
            Detail = "The change of this key was made. Read the entry; where a key was shown once, make a new one.",
        },
    };

    [LoggerMessage(LogLevel.Warning, "The answer of a request with an idempotency key could not be kept.")]
    private static partial void LogLost(ILogger logger, Exception fault);
}
