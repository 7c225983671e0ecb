using Gateway.Contracts;
using Gateway.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.ServiceDefaults.InternalAuth;

/// <summary>Protects endpoints that only services may call.</summary>
public static class InternalTokenExtensions
{
    /// <summary>
    /// Answers 401 with code <c>internal_token_required</c> unless the request carries the internal token. The check comes
    /// before anything of the body is read.
    /// </summary>
    /// <typeparam name="TBuilder">An endpoint or a group of endpoints.</typeparam>
    /// <param name="builder">What to protect.</param>
    public static TBuilder RequireInternalToken<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);

        // Finally: outermost, around filters and parameter binding.
        builder.Finally(endpoint =>
        {
            var token = endpoint.ApplicationServices.GetRequiredService<InternalToken>();
            token.WarnWhenMissing();
            var next = endpoint.RequestDelegate ?? throw new InvalidOperationException("RequireInternalToken() needs an endpoint that handles requests.");
            endpoint.RequestDelegate = context => token.Matches(context.Request.Headers[WireNames.InternalTokenHeader]) ? next(context) : RefuseAsync(context);
        });
        return builder;
    }

    private static Task RefuseAsync(HttpContext context) => context.WriteProblemAsync(
        StatusCodes.Status401Unauthorized,
        "internal_token_required",
        "Only services of this gateway may call this address.",
        $"Send the shared secret (configuration {WireNames.InternalTokenKey}) in header {WireNames.InternalTokenHeader}.");
}
