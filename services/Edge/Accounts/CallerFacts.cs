using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Accounts;

/// <summary>What a request says of who is behind it: end user, tags, session. The header of metadata must have been read before.</summary>
internal static class CallerFacts
{
    public static Failure? Read(RequestContext context)
    {
        context.EndUser = context.Model.EndUsers.Find(context);
        return RequestTags.Read(context) ?? RequestSession.Read(context);
    }
}
