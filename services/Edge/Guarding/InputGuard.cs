using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding.Policies;
using Gateway.Edge.Guarding.Requests;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Engine.Requests;

namespace Gateway.Edge.Guarding;

/// <summary>Step 5: may this text go out, and as what. A request that no policy applies to is not looked at.</summary>
internal sealed class InputGuard(GuardRunner runner, Pseudonyms pseudonyms, Approvals approvals, RouteStep routes)
{
    // A rule of the route that a rule sends to may send on; a circle ends here.
    private const int MostRoutes = 3;

    /// <summary>Checks a request's body, and changes it where rules say so.</summary>
    /// <returns>The failure the request ends with, or null to let it pass.</returns>
    public ValueTask<Failure?> CheckAsync(RequestContext context) =>
        context.Model.Guards.IsEmpty || !Begin(context) ? default : CheckBodyAsync(context);

    /// <summary>Whether anything applies to a request; makes it known to the request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ofAnyModel">True for what was made earlier by a model that the request does not name: what applies to any model that it may have been counts.</param>
    public static bool Begin(RequestContext context, bool ofAnyModel = false)
    {
        var guards = context.Model.Guards;
        if (guards.IsEmpty)
        {
            return false;
        }

        var all = ofAnyModel ? guards.ForAny(context) : guards.For(context);
        if (!all.IsEmpty)
        {
            context.Guard = new GuardState(all, Sampling.Of(all, guards, context.Http.TraceIdentifier)) { Clock = context.Http.RequestServices?.GetService<TimeProvider>() };
        }

        return !all.IsEmpty || guards.BlockedTerms is not null;
    }

    /// <summary>Checks content that is no body of a known operation, after <see cref="Begin"/>: a file, a message of a session, a body that is passed through.</summary>
    /// <param name="context">The request.</param>
    /// <param name="content">The content.</param>
    /// <param name="form">What it is.</param>
    /// <param name="isAnswered">True when what was taken out can be put back into what comes of it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The content as it goes on, or why it may not.</returns>
    public async ValueTask<(ReadOnlyMemory<byte> Content, Failure? Failure)> CheckAsync(RequestContext context, ReadOnlyMemory<byte> content, ContentForm form, bool isAnswered, CancellationToken cancellationToken)
    {
        if (LooseContent.Read(content, form) is not { } parts)
        {
            return (content, Unseen(context));
        }

        var texts = parts.All;
        context.Guard?.HasUnseen |= parts.HasMedia;
        var (changed, outcome, failure) = await RunAsync(context, texts, isAnswered, cancellationToken).ConfigureAwait(false);
        failure ??= outcome is { Verdict: GuardVerdict.Approve } ? await approvals.CheckAsync(context, outcome, content).ConfigureAwait(false) : null;
        return failure is not null ? (content, failure) : (parts.Apply(changed) ?? content, null);
    }

    /// <summary>What becomes of something sent that no rule can look at: it is refused, or it is told of and passes.</summary>
    public static Failure? Unseen(RequestContext context)
    {
        var mustSee = MustSee(context);
        if (context.Guard is { } state)
        {
            (state.HasUnseen, state.IsUnseenRefused) = (true, mustSee);
        }

        return mustSee ? GuardFailures.Unreadable() : null;
    }

    /// <summary>Whether some policy has to see what is sent, and cannot.</summary>
    public static bool MustSee(RequestContext context) => context.Guard is { } state && state.Policies.Policies.Any(static p => Acts(p, GuardrailScope.Input));

    /// <summary>Whether some policy has to see what comes back, and cannot where answers are passed on as they come.</summary>
    public static bool MustSeeAnswer(RequestContext context) => context.Guard is { } state && state.Policies.Policies.Any(static p => Acts(p, GuardrailScope.Output));

    private static bool Acts(CompiledPolicy policy, GuardrailScope place) =>
        !policy.IsShadow && policy.FailsClosed && policy.Rules.Any(r => r.LooksAt(place) && (r.ChangesText || r.Entry.Action is GuardrailAction.Block or GuardrailAction.Approve));

    private async ValueTask<Failure?> CheckBodyAsync(RequestContext context)
    {
        for (var routed = 0; ; routed++)
        {
            var texts = TextsOf(context);
            var (changed, outcome, failure) = await RunAsync(context, texts, isAnswered: true, context.Http.RequestAborted).ConfigureAwait(false);
            if (failure is not null)
            {
                return failure;
            }

            if (outcome is { Verdict: GuardVerdict.Approve } && await approvals.CheckAsync(context, outcome, context.Body.Memory).ConfigureAwait(false) is { } unapproved)
            {
                return unapproved;
            }

            if (TextEdits.Apply(context.Body.Span, texts, changed) is { } body)
            {
                context.ReplaceBody(body);
                if (EnvelopeStep.Scan(context) is { } broken)
                {
                    return broken;
                }
            }

            if (outcome is not { Verdict: GuardVerdict.Route, Route: { } route } || routed == MostRoutes)
            {
                return null;
            }

            context.Guard!.Route = route;
            if (await routes.TakeAsync(context, route, "a guardrail policy").ConfigureAwait(false) is { } refused)
            {
                return refused;
            }

            if (!TakeOn(context))
            {
                return null;
            }
        }
    }

    /// <summary>The policies of the route that a request was sent to, besides those that have run; false when there are none.</summary>
    private static bool TakeOn(RequestContext context)
    {
        var (state, guards) = (context.Guard!, context.Model.Guards);
        var before = state.All;
        var further = guards.For(context).Policies.Where(p => !before.Policies.Contains(p)).ToList();
        if (further.Count == 0)
        {
            return false;
        }

        var ran = state.Policies;
        state.All = guards.Of(before.Policies.Concat(further));
        state.Policies = Sampling.Of(guards.Of(further), guards, context.Http.TraceIdentifier);
        state.Ran = guards.Of(ran.Policies.Concat(state.Policies.Policies));
        return true;
    }

    private static IReadOnlyList<RequestText> TextsOf(RequestContext context)
    {
        var texts = context.Form is { } form ? RequestTexts.Read(context.Body.Memory, form.Select(static p => (p.Name, p.Start, p.Length, p.IsFile)))
            : RequestTexts.TryRead(context.Body.Memory, context.Operation.Operation == Operation.Embedding ? GuardrailScope.Embedding : GuardrailScope.Input, isPlainData: false, out var json) ? json
            : null;
        context.Guard?.HasUnseen |= texts is { HasMedia: true };
        return texts?.All ?? [];
    }

    private async ValueTask<(IReadOnlyList<GuardText> Changed, GuardOutcome? Outcome, Failure? Failure)> RunAsync(
        RequestContext context, IReadOnlyList<RequestText> all, bool isAnswered, CancellationToken cancellationToken)
    {
        GuardText[] given = [.. all.Select(static t => t.Text)];
        if (context.Model.Guards.BlockedTerms is { } terms)
        {
            // Texts that no model reads are looked at too: what may not be said may not be sent.
            GuardText[] shown = [.. given.Select(static t => t.Place == GuardrailScope.Input ? t : t with { Place = GuardrailScope.Input })];
            if (GuardEngine.Check(shown, terms) is { Verdict: GuardVerdict.Block })
            {
                return (given, null, GuardFailures.Blocked());
            }
        }

        if (context.Guard is not { } state || state.Policies.IsEmpty)
        {
            return (given, null, null);
        }

        int[] read = [.. Enumerable.Range(0, all.Count).Where(i => all[i].Length > 0)];
        if (read.Length == 0)
        {
            return (given, null, null);
        }

        GuardText[] texts = [.. read.Select(i => given[i])];
        var makesStandIns = isAnswered && Pseudonyms.Concerns(state.Policies);
        GuardOutcome outcome;
        for (var attempt = 1; ; attempt++)
        {
            state.Conversation = makesStandIns ? await pseudonyms.OpenAsync(context, all, cancellationToken).ConfigureAwait(false) : null;
            var with = new GuardContext { Substitutes = state.Conversation, Clock = runner.Time };
            outcome = await runner.CheckAsync(context, texts, state.Policies, with, cancellationToken).ConfigureAwait(false);
            if (state.Conversation is not { } conversation || outcome.Verdict == GuardVerdict.Block || await pseudonyms.TrySaveAsync(conversation, cancellationToken).ConfigureAwait(false))
            {
                break;
            }

            if (attempt == Pseudonyms.Attempts)
            {
                return (given, outcome, GuardFailures.Unavailable());
            }
        }

        state.Note(outcome.Notes);
        if (GuardFailures.Of(outcome) is { } failure)
        {
            return (given, outcome, failure);
        }

        // As the model gets to know them; those of a session stay in force until others come.
        if (outcome.Texts.Any(static t => t.Source == GuardSource.System))
        {
            state.SystemPrompts = [.. outcome.Texts.Where(static t => t.Source == GuardSource.System).Select(static t => t.Text)];
        }

        for (var i = 0; i < read.Length; i++)
        {
            // What is signed stays as it was signed: with the stand-ins that its author wrote.
            given[read[i]] = all[read[i]].IsSealed
                ? texts[i] with { Text = state.Conversation?.TakeOut(texts[i].Text) ?? texts[i].Text }
                : outcome.Texts[i];
        }

        return (given, outcome, null);
    }
}
