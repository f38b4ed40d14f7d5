//! Object management functions (5.7).

use cryptoki_sys::*;
use zeroize::Zeroizing;

use super::args;
use super::entry::entry;
use crate::error::{Error, Result};

/// Answers one attribute of a template (5.7.5): its length, its value, or a length that says why not.
///
/// # Safety
/// The attribute's value is NULL or has room for as many bytes as its length says.
unsafe fn answer_attribute(
    attribute: &mut CK_ATTRIBUTE,
    value: Result<Zeroizing<Vec<u8>>>,
) -> Result<()> {
    let capacity = attribute.ulValueLen;
    attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
    let value = value?;
    let length =
        CK_ULONG::try_from(value.len()).map_err(|_| Error::General("a value is too long"))?;
    if attribute.pValue.is_null() {
        attribute.ulValueLen = length;
        return Ok(());
    }
    if capacity < length {
        return Err(Error::BufferTooSmall);
    }
    // SAFETY: not NULL, with room for `capacity >= length` bytes by the caller's promise; `value` is ours.
    unsafe {
        core::ptr::copy_nonoverlapping(value.as_ptr(), attribute.pValue.cast(), value.len());
    }
    attribute.ulValueLen = length;
    Ok(())
}

entry! {
    /// `C_GetAttributeValue`: every attribute is answered, and the last failure returned.
    fn C_GetAttributeValue(
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
        template: CK_ATTRIBUTE_PTR,
        count: CK_ULONG,
    ) |module| {
        let count = args::template_length(template, count)?;
        if count == 0 {
            return Err(Error::Arguments("the template is empty"));
        }
        let session = module.session(session)?;
        let object = session.object(object)?;
        let mut result = Ok(());
        for index in 0..count {
            // SAFETY: `index` is below the number of attributes that the caller promises.
            let entry = unsafe { template.add(index) };
            // SAFETY: as above.
            let mut attribute = unsafe { entry.read_unaligned() };
            let value = session.attribute(&object, attribute.type_);
            // SAFETY: the attribute comes from the caller, who promises the room that its length says.
            let answered = unsafe { answer_attribute(&mut attribute, value) };
            // SAFETY: as above.
            unsafe { entry.write_unaligned(attribute) };
            result = answered.and(result);
        }
        result
    }

    /// `C_GetObjectSize`: the bytes of all attributes.
    fn C_GetObjectSize(
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
        size: CK_ULONG_PTR,
    ) |module| {
        args::not_null(size)?;
        let bytes = module.session(session)?.object(object)?.attributes.size();
        // SAFETY: `size` points to a number by the standard.
        unsafe { args::put(size, CK_ULONG::try_from(bytes).unwrap_or(CK_UNAVAILABLE_INFORMATION)) }
    }

    /// `C_CopyObject`: no object here can be copied.
    fn C_CopyObject(
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
        _template: CK_ATTRIBUTE_PTR,
        _count: CK_ULONG,
        _new_object: CK_OBJECT_HANDLE_PTR,
    ) |module| {
        module.session(session)?.object(object)?;
        Err(Error::ActionProhibited)
    }

    /// `C_CreateObject`
    fn C_CreateObject(
        session: CK_SESSION_HANDLE,
        template: CK_ATTRIBUTE_PTR,
        count: CK_ULONG,
        object: CK_OBJECT_HANDLE_PTR,
    ) |module| {
        args::not_null(object)?;
        // SAFETY: the template is as the standard says.
        let template = unsafe { args::template(template, count) }?;
        let handle = module.session(session)?.create_object(&template)?;
        // SAFETY: `object` points to a handle by the standard.
        unsafe { args::put(object, handle) }
    }

    /// `C_SetAttributeValue`
    fn C_SetAttributeValue(
        session: CK_SESSION_HANDLE,
        object: CK_OBJECT_HANDLE,
        template: CK_ATTRIBUTE_PTR,
        count: CK_ULONG,
    ) |module| {
        // SAFETY: the template is as the standard says.
        let template = unsafe { args::template(template, count) }?;
        module.session(session)?.set_attributes(object, &template)
    }

    /// `C_DestroyObject`
    fn C_DestroyObject(session: CK_SESSION_HANDLE, object: CK_OBJECT_HANDLE) |module| {
        module.session(session)?.destroy_object(object)
    }

    /// `C_FindObjectsInit`
    fn C_FindObjectsInit(
        session: CK_SESSION_HANDLE,
        template: CK_ATTRIBUTE_PTR,
        count: CK_ULONG,
    ) |module| {
        // SAFETY: the template is as the standard says.
        let template = unsafe { args::template(template, count) }?;
        module.session(session)?.find_objects_init(&template)
    }

    /// `C_FindObjects`
    fn C_FindObjects(
        session: CK_SESSION_HANDLE,
        list: CK_OBJECT_HANDLE_PTR,
        max: CK_ULONG,
        count: CK_ULONG_PTR,
    ) |module| {
        args::not_null(count)?;
        args::not_null(list)?;
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let handles = module.session(session)?.find_objects(max)?;
        for (index, handle) in handles.iter().enumerate() {
            // SAFETY: `list` has room for `max` handles by the standard, and there are no more.
            unsafe { list.add(index).write_unaligned(*handle) };
        }
        // SAFETY: `count` points to a number by the standard.
        unsafe { args::put(count, CK_ULONG::try_from(handles.len()).unwrap_or(0)) }
    }

    /// `C_FindObjectsFinal`
    fn C_FindObjectsFinal(session: CK_SESSION_HANDLE) |module| {
        module.session(session)?.find_objects_final()
    }
}
