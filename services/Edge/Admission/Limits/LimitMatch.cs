using Gateway.Edge.Pipeline;
using Gateway.Limits;

namespace Gateway.Edge.Admission.Limits;

/// <summary>The counters of one limit that a request is counted by: one, or one for each of its tags.</summary>
internal struct LimitMatch(MatchedLimit limit, RequestContext context)
{
    private int _next;
    private bool _done;

    /// <summary>The next counter, or null when there are no more.</summary>
    public LimitCounter? Next()
    {
        var scope = limit.Scope;
        if (_done || (scope.Model is { } model && !LimitCheck.Matches(model, context.ModelName)) || (scope.EndUser is { } endUser && !LimitCheck.Matches(endUser, context.EndUser)))
        {
            return null;
        }

        if (scope.Tag is not { } pattern)
        {
            _done = true;
            return Counter("", "");
        }

        for (; _next < context.Tags.Length; _next++)
        {
            var tag = context.Tags[_next];
            if (LimitCheck.Matches(pattern, tag))
            {
                _next++;
                _done = !limit.Counters.Rule.Entry.Each;
                return Counter(tag, "");
            }
        }

        return null;
    }

    /// <summary>The counter of a limit of providers for a call of one, or null when it does not concern it. The first tag that fits counts.</summary>
    public static LimitCounter? Provider(MatchedLimit limit, RequestContext context, string providerId)
    {
        var match = new LimitMatch(limit, context);
        if (!LimitCheck.Matches(limit.Scope.Provider!, providerId) || !match.Fits(out var tag))
        {
            return null;
        }

        return match.Counter(tag, providerId);
    }

    private readonly bool Fits(out string tag)
    {
        var scope = limit.Scope;
        tag = "";
        if (scope.Tag is { } pattern)
        {
            tag = Array.Find(context.Tags, t => LimitCheck.Matches(pattern, t)) ?? "";
            if (tag.Length == 0)
            {
                return false;
            }
        }

        return (scope.Model is not { } model || LimitCheck.Matches(model, context.ModelName)) && (scope.EndUser is not { } endUser || LimitCheck.Matches(endUser, context.EndUser));
    }

    private readonly LimitCounter Counter(string tag, string providerId)
    {
        var (counters, scope) = (limit.Counters, limit.Scope);
        if (!counters.Rule.Entry.Each)
        {
            return counters.Of("");
        }

        var model = scope.Model is null ? "" : context.ModelName;
        var endUser = scope.EndUser is null ? "" : context.EndUser;
        // One value alone needs no text of its own, which is the usual case.
        var value = limit.Accounts.Length == 0 && (model.Length == 0 ? 0 : 1) + (endUser.Length == 0 ? 0 : 1) + (tag.Length == 0 ? 0 : 1) + (providerId.Length == 0 ? 0 : 1) == 1
            ? model.Length > 0 ? model : endUser.Length > 0 ? endUser : tag.Length > 0 ? tag : providerId
            : $"{limit.Accounts}|{model}|{endUser}|{tag}|{providerId}";
        return counters.OfWords(value);
    }
}
