using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Admission.InFlight;

/// <summary>The slot of one running request, or none. Each method is a few plain stores into memory that the kernel keeps when this process is killed.</summary>
internal readonly unsafe struct InFlightSlot(InFlightSlots owner, byte* at, int index)
{
    /// <summary>The id that the request's record gets, whoever writes it; 0 for no slot.</summary>
    public UInt128 RecordId => at is null ? 0 : new UInt128(*(ulong*)(at + SlotLayout.RecordIdHighAt), *(ulong*)(at + SlotLayout.RecordIdLowAt));

    /// <summary>A provider is about to be called: from here on the request may cost something.</summary>
    public void Calling(RequestContext context, DeploymentRuntime deployment)
    {
        if (at is null)
        {
            return;
        }

        ref var reservation = ref context.Reservation;
        ref var hold = ref reservation.Budgets;
        var model = context.ModelFor(deployment);
        var pricing = deployment.Pricing;
        var none = pricing.UpperBound(model, 0, 0, default) ?? 0;
        Put(SlotLayout.PromptNanoUsdAt, pricing.UpperBound(model, reservation.PromptTokens, 0, default) ?? 0);
        Put(SlotLayout.OutputPerMillionAt, (pricing.UpperBound(model, 0, 1_000_000, default) ?? 0) - none);
        SlotLayout.Write(at, SlotText.Deployment, deployment.Id);
        SlotLayout.Write(at, SlotText.Provider, deployment.Provider.Id);
        SlotLayout.Write(at, SlotText.Credential, deployment.CredentialId);
        SlotLayout.Write(at, SlotText.PriceVersion, pricing.Price(model)?.Version);
        if (hold.Set is { Providers.Length: > 0 } set && set.IndexOf(deployment.Provider.Id) is var place and >= 0 && (hold.Called & (1UL << place)) == 0)
        {
            hold.Called |= 1UL << place;
            SlotLayout.Write(at, SlotText.Budgets, set.NamesFor(hold.Called));
        }

        Volatile.Write(ref *(int*)(at + SlotLayout.FlagsAt), *(int*)(at + SlotLayout.FlagsAt) | SlotLayout.CalledFlag);
    }

    /// <summary>Notes how much has been generated so far.</summary>
    public void Output(long bytes)
    {
        if (at is not null)
        {
            Put(SlotLayout.OutputBytesAt, bytes);
        }
    }

    /// <summary>Notes what the request holds now.</summary>
    public void Holds(in BudgetHold hold)
    {
        if (at is not null)
        {
            Put(SlotLayout.HeldAt, hold.NanoUsd);
        }
    }

    /// <summary>The record is about to be written: from here on only the journal tells whether it was.</summary>
    public void Settling()
    {
        if (at is not null)
        {
            Volatile.Write(ref *(int*)at, (int)SlotState.Settling);
        }
    }

    /// <summary>The request is over and recorded.</summary>
    public void Free()
    {
        if (at is not null)
        {
            Volatile.Write(ref *(int*)at, (int)SlotState.Free);
            owner.Return(index);
        }
    }

    private void Put(int offset, long value) => Volatile.Write(ref *(long*)(at + offset), value);
}
