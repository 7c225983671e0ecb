using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.ServiceDefaults.Problems;

/// <summary>Refuses a body that is too large without taking the answer away from its sender.</summary>
public static class BodyLimit
{
    /// <summary>
    /// True when the request announces a body over the limit in force. The limit is then lifted for this request: the server reads what is still under way and
    /// drops it, for 5 seconds at most. Otherwise it would reset the connection, and a sender in the middle of its body would never see the answer.
    /// </summary>
    /// <param name="context">The request; its body has not been touched.</param>
    public static bool AnnouncesTooLargeBody(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false, MaxRequestBodySize: { } most } limit || !(context.Request.ContentLength > most))
        {
            return false;
        }

        limit.MaxRequestBodySize = null;
        return true;
    }
}
