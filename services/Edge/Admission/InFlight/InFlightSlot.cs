using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Prices;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Admission.InFlight;

/// <summary>The slot of one running request; there is one object for each slot, used over and over. Each method is a few plain stores into memory that the kernel keeps when this process is killed.</summary>
internal sealed unsafe class InFlightSlot
{
    private readonly InFlightSlots _owner;
    private readonly byte* _at;
    private readonly int _index;

    public InFlightSlot(InFlightSlots owner, byte* at, int index)
    {
        _owner = owner;
        _at = at;
        _index = index;
    }

    /// <summary>The id that the request's record gets, whoever writes it.</summary>
    public UInt128 RecordId => new UInt128(*(ulong*)(_at + SlotLayout.RecordIdHighAt), *(ulong*)(_at + SlotLayout.RecordIdLowAt));

    /// <summary>A provider is about to be called: from here on the request may cost something.</summary>
    public void Calling(RequestContext context, DeploymentRuntime deployment)
    {
        ref var reservation = ref context.Reservation;
        ref var hold = ref reservation.Budgets;
        var price = context.PriceOf(deployment);
        var asked = BilledUse.Asked(context);
        var pricing = deployment.Pricing;
        var none = pricing.UpperBound(price, 0, 0, default, asked) ?? 0;
        Put(SlotLayout.PromptNanoUsdAt, pricing.UpperBound(price, reservation.PromptTokens, 0, UpperBounds.Units(context), asked) ?? 0);
        Put(SlotLayout.OutputPerMillionAt, (pricing.UpperBound(price, 0, 1_000_000, default, asked) ?? 0) - none);
        SlotLayout.Write(_at, SlotText.Deployment, deployment.Id);
        SlotLayout.Write(_at, SlotText.Provider, deployment.Provider.Id);
        SlotLayout.Write(_at, SlotText.Credential, deployment.CredentialId);
        SlotLayout.Write(_at, SlotText.PriceVersion, pricing.Price(price)?.Version);
        if (hold.Set is { Providers.Length: > 0 } set && set.IndexOf(deployment.Provider.Id) is var place and >= 0 && (hold.AtProviders!.Called & (1UL << place)) == 0)
        {
            hold.AtProviders!.Called |= 1UL << place;
            SlotLayout.Write(_at, SlotText.Budgets, set.NamesFor(hold.AtProviders!.Called));
        }

        Volatile.Write(ref *(int*)(_at + SlotLayout.FlagsAt), *(int*)(_at + SlotLayout.FlagsAt) | SlotLayout.CalledFlag);
    }

    /// <summary>Notes how much has been generated so far.</summary>
    public void Output(long bytes)
    {
        Put(SlotLayout.OutputBytesAt, bytes);
    }

    /// <summary>Notes what the request holds now.</summary>
    public void Holds(in BudgetHold hold)
    {
        Put(SlotLayout.HeldAt, hold.NanoUsd);
    }

    /// <summary>The record is about to be written: from here on only the journal tells whether it was.</summary>
    public void Settling()
    {
        Volatile.Write(ref *(int*)_at, (int)SlotState.Settling);
    }

    /// <summary>The request is over and recorded.</summary>
    public void Free()
    {
        Volatile.Write(ref *(int*)_at, (int)SlotState.Free);
        _owner.Return(_index);
    }

    private void Put(int offset, long value) => Volatile.Write(ref *(long*)(_at + offset), value);
}
