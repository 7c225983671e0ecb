using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts;

namespace Gateway.Governance.Api;

/// <summary>Lets only the gateway's own services in.</summary>
internal static class InternalAccess
{
    public static RouteGroupBuilder RequireInternalToken(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (context, next) =>
        {
            var expected = context.HttpContext.RequestServices.GetRequiredService<IConfiguration>()[WireNames.InternalTokenKey] ?? "";
            var given = context.HttpContext.Request.Headers[WireNames.InternalTokenHeader].ToString();
            return expected.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given))
                ? await next(context).ConfigureAwait(false)
                : new Problem { Status = 401, Title = "The internal token is needed.", Code = "internal_token_required" }.ToResult();
        });
        return group;
    }
}
